import { z } from "zod";
import { idOf, JobId, ModelRef, PageQuery, Slug, Timestamp, VersionRef } from "./primitives.js";
import { Currency, Month } from "./quotas.js";
import { Scenario } from "./vocabulary.js";

/** Whole minor units (cents, fen) of the platform's currency. Exact up to nine quadrillion. */
export const Money = z.number().int();
/** What is paid for: an hour on one place of this cluster, or one GiB stored for a month. */
export const PriceSubject = z.union([
  z.literal("storage"),
  z.string().regex(/^cluster:[a-z0-9][a-z0-9-]{0,62}$/, "expected storage or cluster:name"),
]);

export const PRICE_STATES = ["coming", "in_force", "past"] as const;
export const PriceState = z.enum(PRICE_STATES);
export type PriceState = z.infer<typeof PriceState>;

/** A price from an instant on, until the next of the same subject. Without one, use costs nothing. */
export const Price = z.strictObject({
  id: idOf("price"),
  subject: PriceSubject,
  state: PriceState,
  amount: Money,
  currency: Currency,
  validFrom: Timestamp,
  validTo: Timestamp.nullable(),
  setBy: z.string(),
  reason: z.string(),
});
export type Price = z.infer<typeof Price>;
export const SetPrice = z.strictObject({
  subject: PriceSubject,
  amount: z.number().int().min(0).max(1_000_000_000_000),
  /** From now on when left out; never earlier, since what was used before is priced already. */
  validFrom: Timestamp.optional(),
  reason: z.string().trim().min(1).max(2000),
});
export type SetPrice = z.infer<typeof SetPrice>;
export const PreviewPrice = SetPrice.omit({ amount: true, reason: true });
export type PreviewPrice = z.infer<typeof PreviewPrice>;
/** What a price would take the place of, and until when. */
export const PricePreview = z.strictObject({
  currency: Currency,
  validFrom: Timestamp,
  /** What holds until then; null where use costs nothing until then. */
  before: Price.nullable(),
  /** When a price that is set already takes its place. */
  until: Timestamp.nullable(),
});
export type PricePreview = z.infer<typeof PricePreview>;
/** Newest first. Of one subject alone, or only those that hold now, are to come or are over. */
export const ListPrices = PageQuery.extend({
  "filter[subject]": PriceSubject.optional(),
  "filter[state]": PriceState.optional(),
});
export type ListPrices = z.infer<typeof ListPrices>;

export const CHARGE_UNITS = ["gpu", "cpu"] as const;
/** `gpu`: a place on a cluster with GPUs. `cpu`: a place on one without. */
export const ChargeUnit = z.enum(CHARGE_UNITS);
export type ChargeUnit = z.infer<typeof ChargeUnit>;

/** Takes back a part of what a job was charged. A row of its own; nothing that was charged is changed. */
export const CorrectCharge = z.strictObject({
  job: JobId,
  /** Below zero, in minor units. */
  amount: z.number().int().max(-1).min(-1_000_000_000_000_000),
  reason: z.string().trim().min(1).max(2000),
  /** The month it was seen to fall into. Where that was closed since, it is refused; left out, it falls into whichever is open. */
  month: Month.optional(),
});
export type CorrectCharge = z.infer<typeof CorrectCharge>;
export const PreviewCorrection = z.strictObject({
  job: JobId,
  /** Nought asks only what could be taken back. */
  amount: z.number().int().max(0).min(-1_000_000_000_000_000),
});
export type PreviewCorrection = z.infer<typeof PreviewCorrection>;
/** What a correction would come to. */
export const CorrectionPreview = z.strictObject({
  currency: Currency,
  /** What the job was charged in all, less what was taken back before, and what would be left of it. */
  charged: z.strictObject({ before: Money, after: Money }),
  /** The open month it would fall into, and the one it belongs to, where that is closed and stays as it is. */
  month: Month,
  lateFor: Month.nullable(),
  /** What the institution's statement of that month comes to. */
  total: z.strictObject({ before: Money, after: Money }),
});
export type CorrectionPreview = z.infer<typeof CorrectionPreview>;
export const Charge = z.strictObject({
  id: idOf("charge"),
  kind: z.enum(["attempt", "correction"]),
  job: JobId,
  version: VersionRef.nullable(),
  amount: Money,
  currency: Currency,
  /** The month it is billed in. */
  month: Month,
  /** The month it belongs to, where that was closed already. */
  lateFor: Month.nullable(),
  reason: z.string(),
  at: Timestamp,
});
export type Charge = z.infer<typeof Charge>;

export const SPLIT_RULES = ["equal", "versions", "gpu_hours"] as const;
/**
 * How the cost of the shared tiers is split over institutions. `equal`: all the same. `versions`: each shared line's by the versions that
 * stand on it. `gpu_hours`: by what each used itself.
 */
export const SplitRule = z.enum(SPLIT_RULES);
export type SplitRule = z.infer<typeof SplitRule>;

export const STATEMENT_LINE_KINDS = ["job", "correction", "storage", "shared", "unallocated"] as const;
export const StatementLine = z.strictObject({
  kind: z.enum(STATEMENT_LINE_KINDS),
  job: JobId.nullable(),
  model: ModelRef.nullable(),
  version: VersionRef.nullable(),
  scenario: Scenario.nullable(),
  unit: ChargeUnit.nullable(),
  /** Seconds on places, of a job; GiB-months, of storage. */
  quantity: z.number().nullable(),
  amount: Money,
  /** The month it belongs to, where that was closed already. */
  lateFor: Month.nullable(),
  reason: z.string().nullable(),
});
export type StatementLine = z.infer<typeof StatementLine>;

export const Statement = z.strictObject({
  institution: Slug,
  month: Month,
  currency: Currency,
  /** A closed month never changes; an open one shows what has come together so far, without a part of the shared tiers. */
  isClosed: z.boolean(),
  lines: z.array(StatementLine),
  total: Money,
  closedAt: Timestamp.nullable(),
});
export type Statement = z.infer<typeof Statement>;

/** One institution in the platform's view of a month. `platform` carries what could be split over nobody. */
export const StatementSum = z.strictObject({ institution: Slug, own: Money, shared: Money, total: Money });
export type StatementSum = z.infer<typeof StatementSum>;

/** For the platform's people alone: what all institutions pay, and what was metered. Both are the same to the cent. */
export const MonthSums = z.strictObject({
  metered: Money,
  /** Cost of the shared tiers. */
  pool: Money,
  rule: SplitRule.nullable(),
  closedBy: z.string().nullable(),
  institutions: z.array(StatementSum),
});
export type MonthSums = z.infer<typeof MonthSums>;

export const MonthStatement = z.strictObject({
  month: Month,
  isClosed: z.boolean(),
  currency: Currency,
  /** Of the viewer's institution, or of the one that was asked for; null where the platform asks for none. */
  statement: Statement.nullable(),
  sums: MonthSums.nullable(),
});
export type MonthStatement = z.infer<typeof MonthStatement>;
export const StatementQuery = z.strictObject({ "filter[institution]": Slug.optional() });
export type StatementQuery = z.infer<typeof StatementQuery>;

export const MonthSummary = z.strictObject({ month: Month, isClosed: z.boolean(), currency: Currency, total: Money });
export type MonthSummary = z.infer<typeof MonthSummary>;
export const ListStatements = PageQuery.extend({ "filter[institution]": Slug.optional() });
export type ListStatements = z.infer<typeof ListStatements>;

export const PreviewClose = z.strictObject({ rule: SplitRule });
export type PreviewClose = z.infer<typeof PreviewClose>;
export const ClosePreview = z.strictObject({
  month: Month,
  currency: Currency,
  sums: MonthSums,
  /** Stands for exactly these sums; closing names it, and is refused when they have changed since. */
  digest: z.string(),
  /** What should be known before: a rule by which one institution could work out another's use. */
  warnings: z.array(z.enum(["few_institutions"])),
});
export type ClosePreview = z.infer<typeof ClosePreview>;
export const CloseMonth = z.strictObject({
  rule: SplitRule,
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  reason: z.string().trim().min(1).max(2000),
});
export type CloseMonth = z.infer<typeof CloseMonth>;
