import { z } from "zod";
import { ExternalRun } from "./open-lineage.js";
import { JobId, ModelRef, Sha256, Slug, Timestamp, VersionRef } from "./primitives.js";
import { ArtifactKind, Relation, Seal, Tier, VersionState } from "./vocabulary.js";

/** A query parameter that may be repeated: `state=released&state=sealed`. */
function listOf<T extends z.ZodType>(item: T) {
  return z
    .union([item, z.array(item).max(50)])
    .transform((value): z.output<T>[] => (Array.isArray(value) ? value : [value]))
    .optional();
}

/** What is shown of the graph; the focus is shown whatever the filter. */
const filterFields = {
  /** Versions derived by one of these relations, and derivations of these relations. */
  relation: listOf(Relation),
  tier: listOf(Tier),
  state: listOf(VersionState),
  /** Slugs of institutions; `platform` owns the shared tiers. */
  owner: listOf(Slug),
  /** Versions of these models, `ns/slug`. */
  model: listOf(ModelRef),
  /** The graph as it was sealed up to this instant, with the states versions had then. */
  at: z.iso.datetime({ offset: true }).optional(),
};
export const LineageFilter = z.strictObject(filterFields);
export type LineageFilter = z.infer<typeof LineageFilter>;

export const LineageQuery = z.strictObject({
  direction: z.enum(["up", "down", "both"]).default("both"),
  /** Hops from the focus; ancestors are few, so the default takes all of them. */
  depth: z.coerce.number().int().min(1).max(100).default(100),
  /** Most descendants in one answer. */
  limit: z.coerce.number().int().min(1).max(200).default(200),
  cursor: z.string().max(2000).optional(),
  ...filterFields,
});
export type LineageQuery = z.infer<typeof LineageQuery>;

export const LineageNode = z.strictObject({
  /** `ns/slug@n`; datasets start with `datasets/`. */
  id: z.string(),
  kind: z.enum(["version", "dataset"]),
  ref: VersionRef,
  name: z.string(),
  tier: Tier.nullable(),
  owner: Slug,
  /** At the instant asked about. Null for data, and for a focus that was not sealed then. */
  state: VersionState.nullable(),
  artifactKind: ArtifactKind.nullable(),
  rootDigest: Sha256.nullable(),
  /** Hops from the focus: negative above it in ancestry (parents), positive below (children), 0 itself. */
  distance: z.number().int(),
  /** Gates of the version: all passed, some failed or missing, or none asked. Gates are asked now, so a past instant has none. */
  gates: z.enum(["passed", "open", "failed"]).nullable(),
});
export type LineageNode = z.infer<typeof LineageNode>;

export const LineageEdge = z.strictObject({
  /** The derived thing and what it was derived from. */
  child: z.string(),
  parent: z.string(),
  relation: z.union([Relation, z.literal("trained_on")]),
  seal: Seal,
  job: JobId.nullable(),
  /** The parent's root digest when the edge was sealed. */
  parentDigest: Sha256.nullable(),
  createdAt: Timestamp,
});
export type LineageEdge = z.infer<typeof LineageEdge>;

export const Lineage = z.strictObject({
  focus: z.string(),
  nodes: z.array(LineageNode),
  edges: z.array(LineageEdge),
  /** What the viewer may see in all at the instant asked about, before filters, depth and limit. */
  counts: z.strictObject({ ancestors: z.number().int(), descendants: z.number().int(), institutions: z.number().int() }),
  nextCursor: z.string().nullable(),
  /** Runs outside the platform that somebody of the viewer's institution declared about these nodes; the newest 100. */
  external: z.array(ExternalRun),
});
export type Lineage = z.infer<typeof Lineage>;

/** `GET /pyramid` and `GET /lineage/overview`: every version the viewer may see, in columns rather than one object per node. */
export const Pyramid = z.strictObject({
  /** Totals per tier; they count what the arrays hold when nothing was left off. */
  totals: z.record(Tier, z.number().int()),
  truncated: z.boolean(),
  institutions: z.array(z.strictObject({ slug: Slug, name: z.string() })),
  ref: z.array(VersionRef),
  tier: z.array(z.number().int()),
  /** Index into `institutions`; -1 for the shared tiers. */
  institution: z.array(z.number().int()),
  state: z.array(VersionState),
  /** Index of each first parent in these arrays, -1 for none. */
  parent: z.array(z.number().int()),
});
export type Pyramid = z.infer<typeof Pyramid>;
