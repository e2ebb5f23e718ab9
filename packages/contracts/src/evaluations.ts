import { z } from "zod";
import { idOf, JobId, PageQuery, Sha256, Slug, Timestamp, VersionRef } from "./primitives.js";
import { DataFormat } from "./vocabulary.js";

/** A version's score on one held-out dataset version, recomputed by the platform from the stored item results. */
export const Evaluation = z.strictObject({
  id: idOf("evaluation"),
  version: VersionRef,
  dataset: VersionRef,
  format: DataFormat,
  job: JobId,
  owner: Slug,
  /** Root digest of the bytes that were scored. */
  rootDigest: Sha256,
  rows: z.number().int(),
  /** Exactly one is set: chat data has an exact match, text a perplexity. */
  exactMatch: z.number().nullable(),
  perplexity: z.number().nullable(),
  createdAt: Timestamp,
});
export type Evaluation = z.infer<typeof Evaluation>;
export const ListEvaluations = PageQuery.extend({
  "filter[version]": VersionRef.optional(),
  "filter[dataset]": VersionRef.optional(),
  "filter[job]": JobId.optional(),
});
export type ListEvaluations = z.infer<typeof ListEvaluations>;
