import { type Api, ensureDatasetVersion, uploadBlob } from "@ziggurat/client";
import type { CreateDatasetInput } from "@ziggurat/contracts";
import type { ProgressBoard } from "./show/progress.js";
import { count } from "./show/table.js";

/** A dataset to be registered, and its rows as JSON lines. */
export interface NewDataset {
  readonly dataset: CreateDatasetInput;
  readonly jsonl: string;
  readonly notes: string;
}

/** Uploads the bytes and registers them. @returns the version, `ns/slug@n`. */
export async function publishDataset(api: Api, board: ProgressBoard, { dataset, jsonl, notes }: NewDataset): Promise<string> {
  const bytes = new TextEncoder().encode(jsonl);
  const task = board.task(`upload ${dataset.namespace}/${dataset.slug}`);
  const sha256 = await uploadBlob(api, bytes, (held) => task.update(bytes.length === 0 ? 0 : held / bytes.length, `${count(held)} bytes`));
  const ref = await ensureDatasetVersion(api, dataset, sha256, notes);
  task.done(`${count(bytes.length)} bytes, ${ref}`);
  return ref;
}

const generated = () => ({ licence: "CC0-1.0", legalBasis: "own_generation" as const, languages: ["en", "zh"] });

/** Description of a text dataset of the shared tiers that the demo writes itself. */
export function generatedText(namespace: "foundation" | "finance", slug: string, name: string, description: string): CreateDatasetInput {
  return { ...generated(), namespace, slug, name, description, format: "text", sensitivity: "public" };
}

/** Description of dialogues that the demo writes itself. */
export function generatedDialogues(namespace: string, slug: string, name: string, description: string): CreateDatasetInput {
  return { ...generated(), namespace, slug, name, description, format: "chat", sensitivity: "internal" };
}
