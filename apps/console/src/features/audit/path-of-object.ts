import { ImportId, idOf, JobId, ModelRef, RecallId, VersionRef } from "@ziggurat/contracts";
import { to } from "../../lib/console-paths.js";

/** Page of what an audit entry is about; null for things that have none. */
export function pathOfObject(object: string): string | null {
  const dataset = object.startsWith("datasets/") ? object.slice("datasets/".length) : null;
  if (dataset !== null && VersionRef.safeParse(dataset).success) return to.datasetVersion(dataset);
  if (dataset !== null && ModelRef.safeParse(dataset).success) return to.dataset(dataset);
  if (VersionRef.safeParse(object).success) return to.version(object);
  if (ModelRef.safeParse(object).success) return to.model(object);
  if (JobId.safeParse(object).success) return to.job(object);
  if (RecallId.safeParse(object).success) return to.recall(object);
  if (idOf("notice").safeParse(object).success) return to.inbox();
  if (ImportId.safeParse(object).success) return to.import(object);
  return null;
}
