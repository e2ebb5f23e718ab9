import { z } from "zod";
import { CARD_FIELDS } from "./models.js";
import { idOf, PageQuery, Sha256, Slug, Timestamp } from "./primitives.js";
import { Tier } from "./vocabulary.js";

/** What a tier asks before release. Human approvers come with the review workbench; until then `approvers` is 0 and shown. */
export const Policy = z.strictObject({
  tier: Tier,
  gates: z.array(z.strictObject({ gate: z.string(), limit: z.number().nullable(), detail: z.string() })),
  approvers: z.number().int(),
  /** What a model's card is asked to say, and whether a version is submitted without it. */
  card: z.strictObject({ asks: z.array(z.enum([...CARD_FIELDS, "licence"])), isRequired: z.boolean() }),
  /** Bases up to this many parameters may be fully tuned by institutions. */
  fullTuneMaxParameters: z.number().int().nullable(),
});
export type Policy = z.infer<typeof Policy>;

export const AuditEntry = z.strictObject({
  id: idOf("audit"),
  /** Place in its chain; null until the sealer has chained it, within a second. */
  sequence: z.number().int().nullable(),
  /** `platform`, or the slug of the institution whose chain it is. */
  chain: Slug,
  at: Timestamp,
  actor: z.string(),
  actorName: z.string(),
  action: z.string(),
  object: z.string(),
  reason: z.string(),
  beforeDigest: Sha256.nullable(),
  afterDigest: Sha256.nullable(),
  /** Digest of the entry itself, and of the entry before it in the chain. */
  digest: Sha256,
  previousDigest: Sha256.nullable(),
  requestId: z.string().nullable(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;
/** Narrows the log; every filter is served by an index. */
export const AuditFilter = z.strictObject({
  "filter[chain]": Slug.optional(),
  /** Id or name of a person; `system` is the platform itself. */
  "filter[actor]": z.string().max(200).optional(),
  /** An action such as `job.approve`, or the noun alone for all of it. */
  "filter[action]": z.string().max(100).optional(),
  "filter[object]": z.string().max(300).optional(),
  "filter[from]": Timestamp.optional(),
  "filter[to]": Timestamp.optional(),
  /** Stands somewhere in the object, the reason or the name of the actor, in any case of letters. */
  "filter[text]": z.string().trim().min(2).max(100).optional(),
});
export type AuditFilter = z.infer<typeof AuditFilter>;
export const ListAudit = PageQuery.extend(AuditFilter.shape);
export type ListAudit = z.infer<typeof ListAudit>;

/** Result of walking one chain from its first entry to the last signed checkpoint. */
export const ChainVerdict = z.strictObject({
  chain: Slug,
  entries: z.number().int(),
  pending: z.number().int(),
  ok: z.boolean(),
  /** First entry that does not hold: altered, missing, reordered, or cut off at the end. */
  firstBad: z
    .strictObject({ sequence: z.number().int(), problem: z.enum(["altered", "missing", "reordered", "truncated", "checkpoint"]) })
    .nullable(),
});
export type ChainVerdict = z.infer<typeof ChainVerdict>;
export const AuditVerification = z.strictObject({ ok: z.boolean(), verifiedAt: Timestamp, chains: z.array(ChainVerdict) });
export type AuditVerification = z.infer<typeof AuditVerification>;
