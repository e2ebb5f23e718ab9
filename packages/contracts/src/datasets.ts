import { z } from "zod";
import { idOf, ModelRef, PageQuery, Sha256, Slug, Timestamp, VersionRef } from "./primitives.js";
import { Purged } from "./purges.js";
import { DataFormat, LegalBasis, Sensitivity } from "./vocabulary.js";

/** Namespace `foundation`, `finance` or an institution's slug, like a model's. */
export const CreateDataset = z.strictObject({
  namespace: Slug,
  slug: Slug,
  name: z.string().trim().min(1).max(200),
  format: DataFormat,
  licence: z.string().trim().min(1).max(200),
  legalBasis: LegalBasis,
  sensitivity: Sensitivity,
  languages: z.array(z.string().min(2).max(16)).default([]),
  description: z.string().max(2000).default(""),
});
export type CreateDataset = z.infer<typeof CreateDataset>;
export type CreateDatasetInput = z.input<typeof CreateDataset>;
export const Dataset = CreateDataset.extend({
  id: idOf("dataset"),
  ref: ModelRef,
  owner: Slug,
  languages: z.array(z.string()),
  description: z.string(),
  versions: z.number().int(),
  latest: VersionRef.nullable(),
  createdAt: Timestamp,
});
export type Dataset = z.infer<typeof Dataset>;

export const ListDatasets = PageQuery.extend({
  "filter[namespace]": Slug.optional(),
  "filter[format]": DataFormat.optional(),
  q: z.string().max(200).optional(),
});
export type ListDatasets = z.infer<typeof ListDatasets>;

/** Registers an uploaded JSONL blob as the next version. Every row is checked; broken lines are answered with their numbers. */
export const CreateDatasetVersion = z.strictObject({ sha256: Sha256, notes: z.string().max(2000).default("") });
export type CreateDatasetVersion = z.infer<typeof CreateDatasetVersion>;
export const DatasetVersion = z.strictObject({
  id: idOf("datasetVersion"),
  ref: VersionRef,
  dataset: ModelRef,
  number: z.number().int(),
  format: DataFormat,
  owner: Slug,
  sha256: Sha256,
  sizeBytes: z.number().int(),
  rows: z.number().int(),
  /** Characters of all texts: what a simple estimate counts tokens from. */
  characters: z.number().int(),
  notes: z.string(),
  createdAt: Timestamp,
  createdBy: z.string(),
  /** Model versions trained with it that the viewer may see. */
  trained: z.array(VersionRef),
  /** Whether a legal hold on it or on its institution keeps it; false where the viewer may not know. */
  isHeld: z.boolean(),
  /** When its rows were dropped for good; digest and figures stay. */
  purged: Purged.nullable(),
});
export type DatasetVersion = z.infer<typeof DatasetVersion>;

export const RowsQuery = z.strictObject({
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(20),
});
export type RowsQuery = z.infer<typeof RowsQuery>;
export const DatasetRows = z.strictObject({
  offset: z.number().int(),
  total: z.number().int(),
  rows: z.array(z.strictObject({ line: z.number().int(), value: z.json() })),
});
export type DatasetRows = z.infer<typeof DatasetRows>;

export const TextRow = z.looseObject({ text: z.string().min(1) });
export type TextRow = z.infer<typeof TextRow>;
export const ChatMessage = z.looseObject({ role: z.enum(["system", "user", "assistant"]), content: z.string() });
export type ChatMessage = z.infer<typeof ChatMessage>;
export const ChatRow = z.looseObject({ messages: z.array(ChatMessage).min(2) });
export type ChatRow = z.infer<typeof ChatRow>;
