import { z } from "zod";
import { idOf, JobId, PageQuery, Slug, Timestamp } from "./primitives.js";
import { Violation } from "./problem.js";

/**
 * What an institution is limited in. `gpus`: places on clusters at once. `gpuHours` and `money`: in a calendar month of UTC. `jobsQueued`:
 * jobs that people asked for and that have not started. `storageBytes`: bytes it brought or made.
 */
export const QUOTA_DIMENSIONS = ["gpus", "gpuHours", "money", "jobsQueued", "storageBytes"] as const;
export const QuotaDimension = z.enum(QUOTA_DIMENSIONS);
export type QuotaDimension = z.infer<typeof QuotaDimension>;

/** A hard stop, and the percentage of it at which the institution is warned. */
const limit = (most: number) =>
  z.strictObject({ stop: z.number().int().min(0).max(most), warnPercent: z.number().int().min(1).max(100).default(80) });
export const Limit = limit(Number.MAX_SAFE_INTEGER);
export type Limit = z.infer<typeof Limit>;

/** Null: not limited in this. Money in minor units of the platform's currency. */
export const QuotaLimits = z.strictObject({
  gpus: limit(100_000).nullable(),
  gpuHours: limit(100_000_000).nullable(),
  money: limit(1_000_000_000_000_000).nullable(),
  jobsQueued: limit(1_000_000).nullable(),
  storageBytes: limit(Number.MAX_SAFE_INTEGER).nullable(),
  /** Whether a job may start above `gpus` while a place is free that nobody within theirs waits for. */
  mayBorrow: z.boolean(),
});
export type QuotaLimits = z.infer<typeof QuotaLimits>;

/** One bar: how much is used, how much open jobs will need by their estimates, and where the limit lies. */
export const QuotaUse = z.strictObject({
  dimension: QuotaDimension,
  used: z.number(),
  /** What jobs that have not ended are expected to need at most; 0 where nothing is reserved. */
  reserved: z.number(),
  /** Of `used`, what is borrowed beyond the limit. */
  borrowed: z.number(),
  limit: Limit.nullable(),
  /** Of the limit, in percent, used and reserved together; null without a limit. */
  percent: z.number().nullable(),
  state: z.enum(["within", "warning", "full"]),
  /** At the end of the month, at the pace so far; null for what is not counted by month. */
  forecast: z.number().nullable(),
});
export type QuotaUse = z.infer<typeof QuotaUse>;

export const Month = z.string().regex(/^20[0-9]{2}-(?:0[1-9]|1[0-2])$/, "expected a month such as 2026-11");
export type Month = z.infer<typeof Month>;
/** ISO 4217. */
export const Currency = z.string().regex(/^[A-Z]{3}$/, "expected three capital letters");

/** Who proposes a change and who decides on it, by role. */
export const WhoCanRaise = z.strictObject({ propose: z.array(z.string()), decide: z.array(z.string()) });
export type WhoCanRaise = z.infer<typeof WhoCanRaise>;

/** What an institution may use and what it uses. Without limits everything is unlimited, and use is shown all the same. */
export const Quota = z.strictObject({
  institution: Slug,
  /** Counts up with each change; 0 while none was ever set. */
  revision: z.number().int(),
  limits: QuotaLimits.nullable(),
  period: Month,
  currency: Currency,
  uses: z.array(QuotaUse),
  setAt: Timestamp.nullable(),
  setBy: z.string().nullable(),
  whoCanRaise: WhoCanRaise,
  mayPropose: z.boolean(),
  mayDecide: z.boolean(),
});
export type Quota = z.infer<typeof Quota>;

export const PreviewQuota = z.strictObject({ limits: QuotaLimits });
export type PreviewQuota = z.infer<typeof PreviewQuota>;

/** What a change would do. Nothing is written; running jobs are never stopped by one. */
export const QuotaEffect = z.strictObject({
  /** Of the quota it was worked out for; a proposal made from it names it. */
  revision: z.number().int(),
  before: z.array(QuotaUse),
  after: z.array(QuotaUse),
  /** Queued jobs that could start now and would wait for quota. */
  wouldWait: z.array(JobId),
  /** Queued jobs that wait for quota now and would not. */
  wouldStart: z.array(JobId),
  /** Running jobs above the new number of places; they go on to their end. */
  runningAbove: z.number().int(),
  /** What a new request would be refused for. */
  refusals: z.array(Violation),
});
export type QuotaEffect = z.infer<typeof QuotaEffect>;

export const ProposeQuota = z.strictObject({
  limits: QuotaLimits,
  /** The revision whose effect was looked at. */
  revision: z.number().int().min(0),
  reason: z.string().trim().min(1).max(2000),
});
export type ProposeQuota = z.infer<typeof ProposeQuota>;
export type ProposeQuotaInput = z.input<typeof ProposeQuota>;

export const QUOTA_PROPOSAL_STATES = ["pending", "approved", "rejected", "withdrawn"] as const;
export const QuotaProposalState = z.enum(QUOTA_PROPOSAL_STATES);
export type QuotaProposalState = z.infer<typeof QuotaProposalState>;
export const QUOTA_DECISIONS = ["approve", "reject", "withdraw"] as const;
export type QuotaDecision = (typeof QUOTA_DECISIONS)[number];

export const QuotaProposal = z.strictObject({
  id: idOf("quotaProposal"),
  institution: Slug,
  /** The revision it would replace. */
  revision: z.number().int(),
  before: QuotaLimits.nullable(),
  limits: QuotaLimits,
  reason: z.string(),
  state: QuotaProposalState,
  /** The quota was changed since, so that it can only be withdrawn or rejected. */
  isStale: z.boolean(),
  proposedBy: z.string(),
  proposedAt: Timestamp,
  decidedBy: z.string().nullable(),
  decidedAt: Timestamp.nullable(),
  decisionReason: z.string().nullable(),
  /** What this viewer may do with it now, and why not the rest. */
  moves: z.array(z.strictObject({ action: z.enum(QUOTA_DECISIONS), allowed: z.boolean(), reason: z.string().nullable() })),
});
export type QuotaProposal = z.infer<typeof QuotaProposal>;
export const ListQuotaProposals = PageQuery.extend({ "filter[state]": QuotaProposalState.optional() });
export type ListQuotaProposals = z.infer<typeof ListQuotaProposals>;

export const DecideQuota = z.strictObject({ reason: z.string().trim().min(1).max(2000) });
export type DecideQuota = z.infer<typeof DecideQuota>;
