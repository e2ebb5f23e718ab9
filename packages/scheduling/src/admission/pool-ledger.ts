import { floorUnits } from "../capacity/floors.js";
import type { Amount } from "../placement/cluster-state.js";
import { totalOf } from "../placement/cluster-state.js";
import type { Match } from "../placement/match-clusters.js";
import { Instant, type Kept, type Taker } from "./instant.js";
import { NodeFragments } from "./node-fragments.js";
import type { Holding, Situation } from "./situation.js";

/** Something that holds an amount until an instant. */
export interface Entry {
  readonly taker: Taker;
  readonly amount: Amount;
  endsAt: number;
  /** Null for what starts in this pass. */
  readonly run: Holding | null;
}

/** What a pool is kept free for: a job ahead that starts at an instant. */
interface Claim {
  readonly taker: Taker;
  readonly amount: Amount;
  readonly from: number;
  readonly until: number;
}

/** Something that wants to start. */
export interface Candidate {
  readonly taker: Taker;
  readonly amount: Amount;
  readonly nodes: number;
  readonly seconds: number;
}

export interface Obstacle {
  /** Not enough is free; not on so many nodes at once; it is kept for a floor, for a reservation, for a job ahead. */
  readonly code: "capacity" | "gang" | "floor" | "reservation" | "behind";
  readonly until: number | null;
}

const CAPACITY: Obstacle = { code: "capacity", until: null };
const GANG: Obstacle = { code: "gang", until: null };
const FLOOR: Obstacle = { code: "floor", until: null };
export const BEHIND: Obstacle = { code: "behind", until: null };

/** What is taken of one pool, now and at the later instants that matter: where a reservation begins, and where a job ahead is to start. */
export class PoolLedger {
  readonly entries: Entry[] = [];
  readonly now: Instant;
  /** It is kept free for the first in the line that found no room. */
  hasHead = false;
  /** Runs were asked before to make room on it. */
  hasYielding = false;
  /** Runs on it could be asked. */
  mayYield = false;
  private readonly total: Amount;
  private readonly handOver: number;
  private readonly later: { readonly instant: Instant; readonly head: Pick<Claim, "taker" | "amount"> | null }[];
  private readonly claims: Claim[] = [];
  private readonly fragments: NodeFragments | null;
  readonly kept: Kept;

  constructor(
    readonly match: Match,
    { now, floors, reservations, rules }: Situation,
  ) {
    const { cluster, pool } = match;
    this.total = totalOf(pool);
    this.handOver = cluster.keepsQueue ? Math.floor(this.total.units * rules.handOver) : 0;
    this.kept = {
      floors: floors.map((floor) => ({ tier: floor.tier, units: floorUnits(floor, cluster.name, pool) })).filter(({ units }) => units > 0),
      reservations: reservations.filter((one) => one.cluster === cluster.name && one.pool === pool.name && one.until > now),
    };
    this.now = new Instant(now, this.kept);
    const starts = [...new Set(this.kept.reservations.map(({ from }) => from).filter((from) => from > now))];
    this.later = starts.map((from) => ({ instant: new Instant(from, this.kept), head: null }));
    this.fragments = pool.freeOnNodes === null ? null : new NodeFragments(pool.freeOnNodes);
  }

  /** Units that nothing runs on and nothing of this pass has taken; what is kept for some is among them. */
  get freeUnits(): number {
    return this.total.units - this.now.units;
  }

  get totalUnits(): number {
    return this.total.units;
  }

  /** Records a run, or a start of this pass. */
  record(entry: Entry): void {
    this.entries.push(entry);
    if (entry.run?.isYielding === true) this.hasYielding = true;
    if (entry.run?.isPreemptible === true) this.mayYield = true;
    this.now.add(entry.taker, entry.amount);
    for (const { instant } of this.later) if (instant.at < entry.endsAt) instant.add(entry.taker, entry.amount);
  }

  /** What stands in the way of a start now; null when nothing does. */
  obstacle(taker: Taker, amount: Amount, nodes: number, seconds: number): Obstacle | null {
    return this.lack(this.now, taker, amount, nodes) ?? this.laterObstacle(taker, amount, this.now.at, this.now.at + seconds * 1000);
  }

  start({ taker, amount, nodes, seconds }: Candidate): void {
    this.record({ taker, amount, endsAt: this.now.at + seconds * 1000, run: null });
    if (nodes > 0) this.fragments?.take(nodes, Math.ceil(amount.units / nodes));
  }

  /** The run ends sooner than planned: it was asked to. */
  hasten(entry: Entry, endsAt: number): void {
    for (const { instant } of this.later) if (endsAt <= instant.at && instant.at < entry.endsAt) instant.add(entry.taker, entry.amount, -1);
    entry.endsAt = Math.min(entry.endsAt, endsAt);
  }

  /** Whether a start at an instant would be in the way of a job ahead or of what is reserved for others. */
  wouldDelay({ taker, amount, seconds }: Candidate, from: number): boolean {
    return this.laterObstacle(taker, amount, from, from + seconds * 1000) !== null;
  }

  /** When it could start at the earliest, as everything is planned; null for never. */
  earliest({ taker, amount, seconds }: Candidate): number | null {
    const state = this.now.copy();
    for (const { at, apply } of this.changes()) {
      for (const one of apply) state.add(one.taker, one.amount, one.sign);
      state.moveTo(at);
      if (this.lack(state, taker, amount, null) === null && this.laterObstacle(taker, amount, at, at + seconds * 1000) === null) return at;
    }
    return null;
  }

  /** Keeps the pool free for it from an instant on: whatever would delay it is not started. */
  protect({ taker, amount, seconds }: Candidate, from: number): void {
    const until = from + seconds * 1000;
    const instant = this.at(from);
    for (const { instant: other } of this.later) if (from <= other.at && other.at < until) other.add(taker, amount);
    this.later.push({ instant, head: { taker, amount } });
    this.claims.push({ taker, amount, from, until });
  }

  /** What is lacking for it in a state of the pool. @param nodes null leaves fragments of nodes aside */
  lack(state: Instant, taker: Taker, amount: Amount, nodes: number | null): Obstacle | null {
    const inFloors = state.inFloorsOfOthers(taker);
    const reserved = state.reservedForOthers(taker);
    // What waits at an engine starts as soon as there is room, so nothing is handed over ahead where room is kept for others.
    const ahead = inFloors + reserved.units === 0 ? this.handOver : 0;
    const free = this.total.units + ahead - state.units;
    if (amount.units > free || this.lacksBeside(state, amount, ahead)) {
      const hasSome = nodes !== null && nodes > 1 && free >= amount.units / nodes;
      return hasSome ? GANG : CAPACITY;
    }
    if (amount.units > free - inFloors) return FLOOR;
    if (amount.units > free - inFloors - reserved.units) return { code: "reservation", until: reserved.until };
    if (nodes !== null && amount.units > 0 && this.fragments?.has(nodes, Math.ceil(amount.units / nodes)) === false)
      return nodes > 1 ? GANG : CAPACITY;
    return null;
  }

  /** The pool as it is planned to be at an instant. */
  at(at: number): Instant {
    const state = this.now.copy();
    state.moveTo(at);
    for (const { taker, amount, endsAt } of this.entries) if (endsAt <= at) state.add(taker, amount, -1);
    for (const { taker, amount, from, until } of this.claims) if (from <= at && at < until) state.add(taker, amount);
    return state;
  }

  private lacksBeside(state: Instant, { cpus, memoryMb }: Amount, ahead: number): boolean {
    const factor = this.total.units === 0 ? 1 : 1 + ahead / this.total.units;
    return cpus > this.total.cpus * factor - state.cpus || memoryMb > this.total.memoryMb * factor - state.memoryMb;
  }

  /** What would be in its way, or in whose way it would be, at an instant strictly between two. */
  private laterObstacle(taker: Taker, amount: Amount, from: number, until: number): Obstacle | null {
    for (const { instant, head } of this.later) {
      if (instant.at <= from || instant.at >= until) continue;
      if (head === null) {
        const lack = this.lack(instant, taker, amount, null);
        if (lack !== null) return lack.code === "reservation" ? lack : BEHIND;
        continue;
      }
      instant.add(taker, amount);
      const delays = this.lack(instant, head.taker, head.amount, null) !== null;
      instant.add(taker, amount, -1);
      if (delays) return BEHIND;
    }
    return null;
  }

  /** What changes after now, by instant: ends of runs, starts and ends of what is kept for jobs ahead, ends of reservations. */
  private changes() {
    type Change = { readonly taker: Taker; readonly amount: Amount; readonly sign: 1 | -1 };
    const byInstant = new Map<number, Change[]>();
    const note = (at: number, change: Change | null): void => {
      if (at <= this.now.at) return;
      const known = byInstant.get(at) ?? [];
      if (change !== null) known.push(change);
      byInstant.set(at, known);
    };
    for (const { taker, amount, endsAt } of this.entries) note(endsAt, { taker, amount, sign: -1 });
    for (const { taker, amount, from, until } of this.claims) {
      note(from, { taker, amount, sign: 1 });
      note(until, { taker, amount, sign: -1 });
    }
    for (const { until } of this.kept.reservations) note(until, null);
    return [...byInstant].sort(([a], [b]) => a - b).map(([at, apply]) => ({ at, apply }));
  }
}
