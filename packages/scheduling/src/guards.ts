/** What a run may take, and what it has taken. Null: not guarded, or not measured. */
export interface GuardFacts {
  readonly maxSeconds: number | null;
  readonly seconds: number;
  /** Minor units of money. */
  readonly maxCost: number | null;
  readonly cost: number;
  readonly minUse: MinUse | null;
  /** Mean use of its GPUs over the last {@link MinUse.forSeconds}, from 0 to 1. */
  readonly use: number | null;
}

/** A run whose GPUs stand idle for so long holds what others could use. */
export interface MinUse {
  readonly use: number;
  readonly forSeconds: number;
}

export const GUARDS = ["max_seconds", "max_cost", "min_use"] as const;

export interface BrokenGuard {
  readonly guard: (typeof GUARDS)[number];
  readonly limit: number;
  readonly actual: number;
  readonly detail: string;
}

/** The first guard that a run breaks; null when it keeps them all. */
export function brokenGuard(facts: GuardFacts): BrokenGuard | null {
  const { maxSeconds, seconds, maxCost, cost, minUse, use } = facts;
  if (maxSeconds !== null && seconds >= maxSeconds) {
    const detail = `it has run for ${Math.floor(seconds)} s of at most ${maxSeconds} s`;
    return { guard: "max_seconds", limit: maxSeconds, actual: seconds, detail };
  }
  if (maxCost !== null && cost >= maxCost) {
    const detail = `it has cost ${cost} of at most ${maxCost} minor units`;
    return { guard: "max_cost", limit: maxCost, actual: cost, detail };
  }
  if (minUse !== null && use !== null && seconds >= minUse.forSeconds && use < minUse.use) {
    const detail = `its GPUs were ${percent(use)} % busy over ${minUse.forSeconds} s, at least ${percent(minUse.use)} % is asked for`;
    return { guard: "min_use", limit: minUse.use, actual: use, detail };
  }
  return null;
}

function percent(part: number): number {
  return Math.round(part * 100);
}
