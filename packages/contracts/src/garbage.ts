import { z } from "zod";
import { idOf, Sha256, Timestamp } from "./primitives.js";

export const GarbageCollectionId = idOf("garbageCollection");
export type GarbageCollectionId = z.infer<typeof GarbageCollectionId>;

const Amount = z.strictObject({ count: z.number().int(), bytes: z.number().int() });

/** What lies in the store and nothing needs any more. Looking changes nothing. */
export const Garbage = z.strictObject({
  /** Only what nobody has claimed since this moment counts. Name it when the garbage is to be collected. */
  until: Timestamp,
  /** Hours that a file nobody refers to is kept for whoever brought it. */
  graceHours: z.number(),
  /** Files that no version, dataset, evaluation or import refers to. */
  blobs: Amount.extend({ oldest: Timestamp.nullable() }),
  /** Uploads that were never finished. */
  uploads: Amount,
  /** Files under a digest that the database does not know. */
  strays: Amount,
  /** The first of the files, the longest unclaimed first. */
  first: z.array(z.strictObject({ sha256: Sha256, sizeBytes: z.number().int(), since: Timestamp })),
  /** The collection that is under way, if one is. */
  openCollection: GarbageCollectionId.nullable(),
});
export type Garbage = z.infer<typeof Garbage>;

export const CollectGarbage = z.strictObject({
  /** The moment that the preview answered, or an earlier one. */
  until: Timestamp,
  reason: z.string().trim().min(1, "say why it is collected").max(2000),
});
export type CollectGarbage = z.infer<typeof CollectGarbage>;

export const GARBAGE_COLLECTION_STATES = ["running", "done"] as const;
export const GarbageCollectionState = z.enum(GARBAGE_COLLECTION_STATES);
export type GarbageCollectionState = z.infer<typeof GarbageCollectionState>;

/** One removal of garbage, and how far it is. */
export const GarbageCollection = z.strictObject({
  id: GarbageCollectionId,
  state: GarbageCollectionState,
  until: Timestamp,
  reason: z.string(),
  requestedBy: z.string(),
  createdAt: Timestamp,
  finishedAt: Timestamp.nullable(),
  /** Files without a reference when it was asked for. */
  expected: Amount,
  /** Of those, files that are gone. */
  removed: Amount,
  uploads: Amount,
  strays: Amount,
  /** Files that were brought again while they were being removed, and stayed. */
  cameBack: z.number().int(),
  /** What the store said when a turn broke off; it is tried again. */
  detail: z.string().nullable(),
});
export type GarbageCollection = z.infer<typeof GarbageCollection>;
