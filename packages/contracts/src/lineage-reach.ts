import { z } from "zod";
import { LineageFilter, LineageNode } from "./lineage.js";
import { JobId, PageQuery, Sha256, Slug, Timestamp, VersionRef } from "./primitives.js";
import { Relation, Seal, Tier } from "./vocabulary.js";

/** A number across institutions; null with `withheld` where it is below the minimum that tells nothing about one of them. */
const count = z.number().int().nullable();

export const GROUPINGS = ["tier", "owner", "model", "state"] as const;
export const LineageGroupsQuery = z.strictObject({
  by: z.enum(GROUPINGS).default("owner"),
  /** Most groups in one answer, largest first. */
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  cursor: z.string().max(2000).optional(),
  ...LineageFilter.shape,
});
export type LineageGroupsQuery = z.infer<typeof LineageGroupsQuery>;

export const LineageGroup = z.strictObject({
  /** A tier, a state, an institution's slug, or a model's `ns/slug`. */
  key: z.string(),
  name: z.string(),
  /** The tier its versions stand in; null where groups are states. The platform, which owns the shared tiers, has a group in each. */
  tier: Tier.nullable(),
  versions: count,
  withheld: z.boolean(),
});
export type LineageGroup = z.infer<typeof LineageGroup>;

/** `GET /lineage/{ns}/{slug}/{n}/groups`: everything that descends from a version, counted in groups. */
export const LineageGroups = z.strictObject({
  focus: VersionRef,
  by: z.enum(GROUPINGS),
  groups: z.array(LineageGroup),
  /** Groups in all, whatever the page. */
  total: z.strictObject({ groups: z.number().int(), versions: count, withheld: z.boolean() }),
  /** Counts over other institutions below this are withheld. */
  minimum: z.number().int(),
  nextCursor: z.string().nullable(),
});
export type LineageGroups = z.infer<typeof LineageGroups>;

export const ImpactQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(1000).default(200), at: LineageFilter.shape.at });
export type ImpactQuery = z.infer<typeof ImpactQuery>;

/** `GET /lineage/{ns}/{slug}/{n}/impact`: whom a recall of this version would reach. */
export const Impact = z.strictObject({
  focus: VersionRef,
  /** Descendants in the shared tiers. */
  shared: z.strictObject({ versions: z.number().int() }),
  institutions: z.array(z.strictObject({ institution: Slug, name: z.string(), versions: count, withheld: z.boolean() })),
  total: z.strictObject({ institutions: z.number().int(), versions: count, withheld: z.boolean() }),
});
export type Impact = z.infer<typeof Impact>;

export const PathQuery = z.strictObject({ to: VersionRef });
export type PathQuery = z.infer<typeof PathQuery>;

/** One derivation on the way, with what proves it. */
export const Hop = z.strictObject({
  parent: LineageNode,
  child: LineageNode,
  relation: Relation,
  seal: Seal,
  /** The parent's root digest when the derivation was written, and whether the parent still has it. */
  parentDigest: Sha256.nullable(),
  digestHolds: z.boolean().nullable(),
  /** The job that made the child; details where the viewer may see the job. */
  job: z.strictObject({ id: JobId, kind: z.string().nullable(), method: z.string().nullable(), state: z.string().nullable() }).nullable(),
  /** What the child was trained on, by digest. */
  datasets: z.array(z.strictObject({ ref: VersionRef, sha256: Sha256 })),
  createdAt: Timestamp,
});
export type Hop = z.infer<typeof Hop>;

/** `GET /lineage/{ns}/{slug}/{n}/path?to=`: why one version stands above another. "They are not related" is an answer. */
export const LineagePath = z.strictObject({
  from: VersionRef,
  to: VersionRef,
  /** `up`: `to` is an ancestor of `from`; `down`: a descendant. */
  relation: z.enum(["up", "down", "same", "none"]),
  /** The shortest way, from the ancestor to the descendant. */
  hops: z.array(Hop),
  /** Ways there are in all; merges make several. */
  ways: z.number().int(),
});
export type LineagePath = z.infer<typeof LineagePath>;

export const DatasetLineageQuery = PageQuery.omit({ include: true });
export type DatasetLineageQuery = z.infer<typeof DatasetLineageQuery>;

/** `GET /lineage/datasets/{ns}/{slug}/{n}`: what was trained on this data, and what descends from that. */
export const DatasetLineage = z.strictObject({
  focus: z.string(),
  data: z.array(
    z.strictObject({
      version: LineageNode.omit({ distance: true, gates: true, kind: true, id: true }),
      /** Trained on the data itself, not only on what learnt from it. */
      direct: z.boolean(),
    }),
  ),
  counts: z.strictObject({ direct: z.number().int(), versions: z.number().int() }),
  nextCursor: z.string().nullable(),
});
export type DatasetLineage = z.infer<typeof DatasetLineage>;
