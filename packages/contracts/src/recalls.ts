import { z } from "zod";
import { idOf, ModelRef, PageQuery, Slug, Timestamp, VersionRef } from "./primitives.js";
import { Tier, VersionState } from "./vocabulary.js";

export const RecallId = idOf("recall");
export type RecallId = z.infer<typeof RecallId>;

/** What is withdrawn: a model version with all that descends from it, or a dataset version with all that learnt from it. */
const subject = {
  version: VersionRef.optional(),
  dataset: VersionRef.optional(),
};
const hasOneSubject = ({ version, dataset }: { version?: string | undefined; dataset?: string | undefined }) =>
  (version === undefined) !== (dataset === undefined);
const oneSubject = { message: "name either a version or a dataset version", path: ["version"] };

export const RecallSubject = z.strictObject(subject).refine(hasOneSubject, oneSubject);
export type RecallSubject = z.infer<typeof RecallSubject>;

/** Mark of the graph that a preview showed: as long as it is the same, a recall reaches exactly what was shown. */
export const GraphMark = z.string().regex(/^[0-9a-f]{64}$/, "expected the graph mark of a preview");

export const CreateRecall = z
  .strictObject({
    ...subject,
    graph: GraphMark,
    reason: z.string().trim().min(1, "say why it is withdrawn").max(2000),
    /** By when every institution reached must have acknowledged; 72 hours from now when left out. */
    acknowledgeBy: Timestamp.optional(),
  })
  .refine(hasOneSubject, oneSubject);
export type CreateRecall = z.infer<typeof CreateRecall>;
export const LiftRecall = z.strictObject({ reason: z.string().trim().min(1, "say why it is lifted").max(2000) });
export type LiftRecall = z.infer<typeof LiftRecall>;

const SubjectNamed = z.strictObject({ kind: z.enum(["version", "dataset"]), ref: VersionRef });

export const RecalledVersion = z.strictObject({ ref: VersionRef, tier: Tier, owner: Slug, state: VersionState });
export type RecalledVersion = z.infer<typeof RecalledVersion>;

/** What a recall would reach, before anything is done. */
export const RecallPreview = z.strictObject({
  subject: SubjectNamed,
  graph: GraphMark,
  /** Versions that would be blocked, and of those how many stand recalled already for another cause. */
  versions: z.number().int(),
  alreadyRecalled: z.number().int(),
  byTier: z.array(z.strictObject({ tier: Tier, versions: z.number().int() })),
  byInstitution: z.array(z.strictObject({ institution: Slug, versions: z.number().int() })),
  jobsToCancel: z.number().int(),
  jobsToFlag: z.number().int(),
  /** The first of the versions, in order of derivation. */
  first: z.array(RecalledVersion),
});
export type RecallPreview = z.infer<typeof RecallPreview>;

export const RECALL_STATES = ["executing", "in_force", "lifting", "lifted"] as const;
export const RecallState = z.enum(RECALL_STATES);
export type RecallState = z.infer<typeof RecallState>;

/** One institution's word about a recall: when it was told, when somebody saw it, who confirmed. */
export const Acknowledgement = z.strictObject({
  institution: Slug,
  versions: z.number().int(),
  noticedAt: Timestamp,
  seenAt: Timestamp.nullable(),
  acknowledgedAt: Timestamp.nullable(),
  acknowledgedBy: z.string().nullable(),
  /** How often a missed deadline was passed on to the platform. */
  escalations: z.number().int(),
});
export type Acknowledgement = z.infer<typeof Acknowledgement>;

export const Recall = z.strictObject({
  id: RecallId,
  subject: SubjectNamed,
  state: RecallState,
  reason: z.string(),
  createdAt: Timestamp,
  createdBy: z.string(),
  acknowledgeBy: Timestamp,
  /** Versions shown by the preview, blocked so far, and restored so far. */
  expected: z.number().int(),
  blocked: z.number().int(),
  restored: z.number().int(),
  jobsCancelled: z.number().int(),
  jobsFlagged: z.number().int(),
  liftedAt: Timestamp.nullable(),
  liftedBy: z.string().nullable(),
  liftReason: z.string().nullable(),
  acknowledgements: z.array(Acknowledgement),
  mayLift: z.boolean(),
});
export type Recall = z.infer<typeof Recall>;

export const NOTICE_KINDS = [
  "recall",
  "recall_lifted",
  "recall_unacknowledged",
  "version_quarantined",
  "support_end",
  "entitlement_end",
  "quota_warning",
  "quota_full",
  "quota_decided",
  "exit_started",
  "exit_approved",
  "exit_cancelled",
] as const;
export const NoticeKind = z.enum(NOTICE_KINDS);
export type NoticeKind = z.infer<typeof NoticeKind>;

/** One thing an institution must know, in its inbox until somebody there has confirmed it. */
export const Notice = z.strictObject({
  id: idOf("notice"),
  institution: Slug,
  kind: NoticeKind,
  /** What it is about: `ns/slug@n` of a version or dataset version, `ns/slug` of a line, or an institution's slug. */
  subject: z.union([VersionRef, ModelRef, Slug]),
  recall: RecallId.nullable(),
  /** Versions of this institution that it touches. */
  versions: z.number().int(),
  /** The institution whose word is missing, in a notice that passes a missed deadline on. */
  about: Slug.nullable(),
  reason: z.string(),
  createdAt: Timestamp,
  /** By when it wants to be acknowledged; null when it only informs. */
  acknowledgeBy: Timestamp.nullable(),
  seenAt: Timestamp.nullable(),
  acknowledgedAt: Timestamp.nullable(),
  acknowledgedBy: z.string().nullable(),
  mayAcknowledge: z.boolean(),
});
export type Notice = z.infer<typeof Notice>;
export const ListNotices = PageQuery.extend({ "filter[open]": z.enum(["true", "false"]).optional() });
export type ListNotices = z.infer<typeof ListNotices>;
