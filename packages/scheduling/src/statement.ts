import type { ChargeUnit, JobId, MonthSums, Scenario, SplitRule, StatementLine } from "@ziggurat/contracts";
import { type Payer, type SharedCost, splitShared } from "./shared-cost.js";

/** What was charged to an institution's job in a month: its attempts together, or one correction. */
export interface Charged {
  readonly institution: string;
  readonly kind: "job" | "correction";
  readonly job: JobId;
  readonly model: string;
  readonly version: string | null;
  readonly scenario: Scenario | null;
  readonly unit: ChargeUnit;
  readonly milliseconds: number;
  readonly cost: number;
  /** The month it belongs to, where that was closed before. */
  readonly lateFor: string | null;
  readonly reason: string;
}

/** What was stored in a month. */
export interface Stored {
  readonly institution: string;
  readonly gibMonths: number;
  readonly cost: number;
}

export interface MonthFacts {
  readonly month: string;
  readonly charged: readonly Charged[];
  readonly stored: readonly Stored[];
  /** Slug of the owner of the shared tiers, whose cost is split. */
  readonly sharer: string;
  /** Those it is split over, in an order that is always the same, with what they weigh. */
  readonly payers: readonly Payer[];
}

export interface Drawn {
  readonly institution: string;
  readonly lines: readonly StatementLine[];
  readonly own: number;
  readonly shared: number;
  readonly total: number;
}

/**
 * The statements of a month. Their totals add up to what was metered. Without a rule nothing is split: the month is still open, and everybody
 * sees what is their own. A line of the shared tiers says what is to be paid, and nothing from which another's part could be worked out.
 */
export function drawStatements(facts: MonthFacts, rule: SplitRule | null): Drawn[] {
  const costs = sharedCosts(facts);
  const parts = rule === null ? facts.payers.map(() => 0) : splitShared(rule, costs, facts.payers);
  const left = leftBefore(facts).map((institution) => sumOf(institution, ownLines(facts, institution), 0));
  const drawn = facts.payers.map(({ institution }, index) => {
    const lines = ownLines(facts, institution);
    const shared = parts[index] ?? 0;
    const withShared = rule === null ? lines : [...lines, { ...BLANK, kind: "shared" as const, amount: shared }];
    return sumOf(institution, withShared, shared);
  });
  // With nobody to pay, the cost stays with whoever had it.
  const rest = poolOf(costs) - parts.reduce((sum, part) => sum + part, 0);
  if (rule === null || rest === 0) return [...drawn, ...left];
  return [...drawn, ...left, sumOf(facts.sharer, [{ ...BLANK, kind: "unallocated", amount: rest }], rest)];
}

/** Whoever was gone before the month and has something in it all the same, such as a late correction: it is theirs, and no part of what is shared. */
function leftBefore({ charged, stored, sharer, payers }: MonthFacts): string[] {
  const there = new Set([sharer, ...payers.map(({ institution }) => institution)]);
  return [...new Set([...charged, ...stored].map(({ institution }) => institution))]
    .filter((institution) => !there.has(institution))
    .sort();
}

/** What the platform sees of a month. */
export function sumsOf(facts: MonthFacts, rule: SplitRule | null): Omit<MonthSums, "closedBy"> {
  const pool = poolOf(sharedCosts(facts));
  const institutions = drawStatements(facts, rule).map(({ institution, own, shared, total }) => ({ institution, own, shared, total }));
  const metered = facts.charged.reduce((sum, { cost }) => sum + cost, 0) + facts.stored.reduce((sum, { cost }) => sum + cost, 0);
  return { metered, pool, rule, institutions };
}

const BLANK = {
  job: null,
  model: null,
  version: null,
  scenario: null,
  unit: null,
  quantity: null,
  lateFor: null,
  reason: null,
} as const;

/** By line of models, since a rule may ask who stands on one; what is stored belongs to no line. */
function sharedCosts({ charged, stored, sharer }: MonthFacts): SharedCost[] {
  const byLine = new Map<string | null, number>();
  for (const { institution, model, cost } of charged) if (institution === sharer) byLine.set(model, (byLine.get(model) ?? 0) + cost);
  for (const { institution, cost } of stored) if (institution === sharer) byLine.set(null, (byLine.get(null) ?? 0) + cost);
  return [...byLine]
    .filter(([, amount]) => amount !== 0)
    .map(([line, amount]) => ({ line, amount }))
    .sort((a, b) => ((a.line ?? "") < (b.line ?? "") ? -1 : 1));
}

function poolOf(costs: readonly SharedCost[]): number {
  return costs.reduce((sum, { amount }) => sum + amount, 0);
}

/** What an institution has used itself. @param institution may be the sharer, who reads its own as everybody does */
export function ownLines({ charged, stored }: Pick<MonthFacts, "charged" | "stored">, institution: string): StatementLine[] {
  return [
    ...charged
      .filter((one) => one.institution === institution)
      .map(({ kind, job, model, version, scenario, unit, milliseconds, cost, lateFor, reason }) => ({
        ...{ kind, job, model, version, scenario, unit, lateFor },
        quantity: kind === "job" ? milliseconds / 1000 : null,
        amount: cost,
        reason: reason === "" ? null : reason,
      })),
    ...stored
      .filter((one) => one.institution === institution && (one.cost !== 0 || one.gibMonths !== 0))
      .map(({ gibMonths, cost }) => ({ ...BLANK, kind: "storage" as const, quantity: gibMonths, amount: cost })),
  ];
}

function sumOf(institution: string, lines: readonly StatementLine[], shared: number): Drawn {
  const total = lines.reduce((sum, { amount }) => sum + amount, 0);
  return { institution, lines, own: total - shared, shared, total };
}
