import { z } from "zod";
import { idOf, PageQuery, Sha256, Slug, Timestamp, VersionRef } from "./primitives.js";

/** That something's files were dropped for good: when, by whom, and why. */
export const Purged = z.strictObject({ at: Timestamp, by: z.string(), reason: z.string() });
export type Purged = z.infer<typeof Purged>;

const subject = {
  version: VersionRef.optional(),
  dataset: VersionRef.optional(),
};
const hasOneSubject = ({ version, dataset }: { version?: string | undefined; dataset?: string | undefined }) =>
  (version === undefined) !== (dataset === undefined);
const oneSubject = { message: "name either a version or a dataset version", path: ["version"] };

export const PurgeSubject = z.strictObject(subject).refine(hasOneSubject, oneSubject);
export type PurgeSubject = z.infer<typeof PurgeSubject>;

export const CreatePurge = z
  .strictObject({
    ...subject,
    /** Mark of the preview; a purge with an old one is refused. */
    graph: Sha256,
    reason: z.string().trim().min(1, "say why its files are dropped").max(2000),
  })
  .refine(hasOneSubject, oneSubject);
export type CreatePurge = z.infer<typeof CreatePurge>;

/** One thing that keeps a version or dataset version from being purged. */
export const PurgeBlocker = z.strictObject({
  code: z.string(),
  detail: z.string(),
  /** How many things stand in the way, where they can be counted; null with `withheld` where the number would tell of somebody else's. */
  count: z.number().int().nullable(),
  withheld: z.boolean(),
  /** A few of them by name, of those that the viewer may know: versions, aliases, jobs, holds. */
  objects: z.array(z.string()),
});
export type PurgeBlocker = z.infer<typeof PurgeBlocker>;

/** What a purge would drop, or everything that stands in its way. */
export const PurgePreview = z.strictObject({
  subject: z.strictObject({ kind: z.enum(["version", "dataset"]), ref: VersionRef }),
  graph: Sha256,
  files: z.number().int(),
  sizeBytes: z.number().int(),
  /** Of those, bytes that nothing else the viewer may see has too; the others stay stored for what shares them. */
  ownBytes: z.number().int(),
  blockers: z.array(PurgeBlocker),
});
export type PurgePreview = z.infer<typeof PurgePreview>;

export const PurgeId = idOf("tombstone");
export type PurgeId = z.infer<typeof PurgeId>;

/** What is left of a version or dataset version whose files were dropped: its row, its edges, its list of files, and this. */
export const Tombstone = Purged.extend({
  id: PurgeId,
  subject: z.strictObject({ kind: z.enum(["version", "dataset"]), ref: VersionRef }),
  owner: Slug,
  files: z.number().int(),
  sizeBytes: z.number().int(),
});
export type Tombstone = z.infer<typeof Tombstone>;

export const ListPurges = PageQuery.omit({ include: true });
export type ListPurges = z.infer<typeof ListPurges>;
