import type { SplitRule } from "@ziggurat/contracts";
import { splitByLargestRemainder } from "./cost.js";

/** What the shared tiers cost in a month: of a line of models, or, with no line, of what cannot be laid to one. */
export interface SharedCost {
  readonly line: string | null;
  readonly amount: number;
}

/** One that pays, with what rules weigh by. */
export interface Payer {
  readonly institution: string;
  /** Milliseconds on places, its own of the month. */
  readonly milliseconds: number;
  /** Versions of its own that stand on a shared line, by line. */
  readonly versions: ReadonlyMap<string, number>;
}

/**
 * Each one's part of the shared cost, in the order of the payers. The parts add up to the cost. Where a rule finds nothing to weigh by (a
 * line nobody stands on, a month without a run) that part is split equally. With no payer there is no part: the cost stays where it is.
 */
export function splitShared(rule: SplitRule, costs: readonly SharedCost[], payers: readonly Payer[]): number[] {
  const parts = payers.map(() => 0);
  for (const { amount, weights } of portions(rule, costs, payers)) {
    for (const [index, part] of splitByLargestRemainder(amount, weights).entries()) parts[index] = (parts[index] ?? 0) + part;
  }
  return parts;
}

/** By versions each line is split for itself; the other rules split the sum, so that only one remainder is left over. */
function portions(rule: SplitRule, costs: readonly SharedCost[], payers: readonly Payer[]) {
  const total = costs.reduce((sum, { amount }) => sum + amount, 0);
  switch (rule) {
    case "equal":
      return [{ amount: total, weights: payers.map(() => 1) }];
    case "gpu_hours":
      return [{ amount: total, weights: payers.map(({ milliseconds }) => milliseconds) }];
    case "versions":
      return costs.map(({ line, amount }) => ({
        amount,
        weights: payers.map(({ versions }) => (line === null ? 1 : (versions.get(line) ?? 0))),
      }));
  }
}
