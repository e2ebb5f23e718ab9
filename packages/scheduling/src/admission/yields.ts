import type { Shares } from "../fair-share/shares.js";
import { rankOf } from "../priority.js";
import type { Yield } from "./decision.js";
import type { Taker } from "./instant.js";
import type { Candidate, Entry, PoolLedger } from "./pool-ledger.js";
import type { Holding, SchedulingRules, Waiting } from "./situation.js";

/** What is known while runs are chosen that make room. */
export interface YieldFacts {
  readonly now: number;
  readonly rules: SchedulingRules;
  /** Shares as they stand, without what is only planned. */
  readonly standing: Shares;
  /** Units that an institution holds above its limit. */
  readonly borrowedBy: (institution: string) => number;
}

export interface Chosen {
  readonly entry: Entry;
  readonly run: Holding;
  readonly kind: Yield["kind"];
}

/**
 * The cheapest runs on a pool that can make room for a job: those of the lowest class first, then those with the least work lost since they
 * last saved. Each is in the set because it is needed. Empty when the room is coming anyway; null when no set would do, or when the job would
 * then stand in the way of one ahead of it.
 */
export function chooseYields(job: Waiting, candidate: Candidate, ledger: PoolLedger, facts: YieldFacts): readonly Chosen[] | null {
  const then = facts.now + facts.rules.yieldSeconds * 1000;
  if (ledger.wouldDelay(candidate, then)) return null;
  const state = ledger.at(then);
  const { taker, amount } = candidate;
  const fits = (): boolean => ledger.lack(state, taker, amount, null) === null;
  if (fits()) return [];
  const chosen: Chosen[] = [];
  const borrowed = new Map<string, number>();
  for (const one of candidatesOn(job, taker, ledger, facts, then)) {
    if (one.kind === "give_back") {
      const { institution } = one.run;
      const left = borrowed.get(institution) ?? facts.borrowedBy(institution);
      if (left <= 0) continue;
      borrowed.set(institution, left - one.entry.amount.units);
    }
    state.add(one.entry.taker, one.entry.amount, -1);
    chosen.push(one);
    if (fits()) break;
  }
  if (!fits()) return null;
  // The dearest first: whoever is not needed after all goes on.
  const needed = new Set(chosen);
  for (const one of [...chosen].reverse()) {
    state.add(one.entry.taker, one.entry.amount);
    if (fits()) needed.delete(one);
    else state.add(one.entry.taker, one.entry.amount, -1);
  }
  return chosen.filter((one) => needed.has(one));
}

function candidatesOn(job: Waiting, taker: Taker, ledger: PoolLedger, facts: YieldFacts, then: number): Chosen[] {
  const found = ledger.entries.flatMap((entry): Chosen[] => {
    const { run } = entry;
    if (run === null || entry.endsAt <= then || !mayYield(run, facts)) return [];
    const kind = whyYields(job, taker, run, ledger, facts);
    return kind === null ? [] : [{ entry, run, kind }];
  });
  return found.sort((a, b) => byCost(a.run, b.run, facts.now));
}

/** It can be saved, has had its time, and was not put back too often. */
function mayYield(run: Holding, { now, rules }: YieldFacts): boolean {
  return (
    run.isPreemptible && !run.isYielding && run.preemptions < rules.maxPreemptions && now - run.startedAt >= rules.minRunSeconds * 1000
  );
}

function whyYields(job: Waiting, taker: Taker, run: Holding, ledger: PoolLedger, facts: YieldFacts): Chosen["kind"] | null {
  const owed = ledger.now.isOwed(taker, run);
  if (owed !== null) return owed;
  const isOwn = job.institution === run.institution;
  if (!isOwn && facts.borrowedBy(run.institution) > 0) return "give_back";
  const isLower = rankOf(job.priority) < rankOf(run.priority);
  return isLower && (isOwn || facts.standing.of(job.institution) <= facts.standing.of(run.institution)) ? "class" : null;
}

function byCost(a: Holding, b: Holding, now: number): number {
  return rankOf(b.priority) - rankOf(a.priority) || lostBy(a, now) - lostBy(b, now) || b.startedAt - a.startedAt || (a.id < b.id ? -1 : 1);
}

/** Node-seconds that a run would have to do again if it were killed now. */
function lostBy({ startedAt, checkpointAt, resources }: Holding, now: number): number {
  return (now - Math.max(startedAt, checkpointAt ?? 0)) * resources.nodes * Math.max(1, resources.gpusPerNode);
}
