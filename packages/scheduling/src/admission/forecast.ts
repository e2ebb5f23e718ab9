import TinyQueue from "tinyqueue";
import { amountOn, unitsOf } from "../placement/cluster-state.js";
import type { Block, Start } from "./decision.js";
import type { Ledgers } from "./ledgers.js";
import type { Option } from "./options.js";
import type { PoolLedger } from "./pool-ledger.js";
import type { Seconds, Situation, Waiting } from "./situation.js";

type Range = { readonly low: number; readonly high: number } | null;
interface Fate {
  readonly start: Start | null;
  readonly block: Block | null;
}

/**
 * When each waiting job will start, from the lower and from the upper ends of what is estimated: the line is played forward, each job taking
 * the first room that comes and nobody going before another. What comes in between, and who is let in early, is not foreseen.
 */
export function forecast(
  situation: Situation,
  ledgers: Ledgers,
  order: readonly Waiting[],
  fates: ReadonlyMap<string, Fate>,
  usable: (job: Waiting) => readonly Option[],
): ReadonlyMap<string, Range> {
  const [low, high] = [
    new Future(situation, ledgers, (seconds) => seconds?.low ?? null),
    new Future(situation, ledgers, (seconds) => seconds?.high ?? null),
  ];
  const found = new Map<string, Range>();
  for (const job of order) {
    const fate = fates.get(job.id);
    if (fate?.start != null) {
      for (const future of [low, high]) future.begin(job, fate.start);
      found.set(job.id, { low: 0, high: 0 });
      continue;
    }
    const notBefore = fate?.block == null ? 0 : heldFor(fate.block, situation.now);
    const [earliest, latest] =
      notBefore === null ? [null, null] : [low.take(job, usable(job), notBefore), high.take(job, usable(job), notBefore)];
    found.set(job.id, earliest === null || latest === null ? null : { low: earliest, high: Math.max(earliest, latest) });
  }
  return found;
}

/** Seconds for which a job cannot start whatever is free; null for as long as somebody must act. */
function heldFor(block: Block, now: number): number | null {
  switch (block.kind) {
    case "nowhere":
      return null;
    case "backoff":
    case "window":
    case "yielding":
      return block.until === null ? null : (block.until - now) / 1000;
    case "room":
      return block.obstacle.until === null ? 0 : (block.obstacle.until - now) / 1000;
    case "quota":
      return 0;
  }
}

/** One way things may go: rooms of pools and of limits, each a line of its own. */
class Future {
  private readonly pools = new Map<PoolLedger, Room>();
  private readonly own = new Map<string, Room>();

  constructor(
    situation: Situation,
    ledgers: Ledgers,
    private readonly pick: (seconds: Seconds) => number | null,
  ) {
    for (const ledger of ledgers.all()) this.pools.set(ledger, new Room(ledger.totalUnits));
    for (const [institution, limit] of situation.limits) if (!limit.mayBorrow) this.own.set(institution, new Room(limit.places));
    for (const { run, ledger, amount } of ledgers.held) {
      const left = run.isYielding ? situation.rules.yieldSeconds : pick(run.remainingSeconds);
      this.pools.get(ledger)?.hold(amount.units, left);
      this.own.get(run.institution)?.hold(unitsOf(run.resources), left);
    }
  }

  /** It starts now. */
  begin(job: Waiting, start: Start): void {
    for (const [ledger, room] of this.pools) {
      const { cluster, pool } = ledger.match;
      if (cluster.name === start.cluster && pool.name === start.pool)
        room.hold(amountOn(pool, job.resources).units, this.pick(job.seconds));
    }
    this.own.get(job.institution)?.hold(unitsOf(job.resources), this.pick(job.seconds));
  }

  /** Seconds until it has room on a pool and its institution's leave; it takes both for as long as it runs. */
  take(job: Waiting, usable: readonly Option[], notBefore: number): number | null {
    const seconds = this.pick(job.seconds);
    const own = this.own.get(job.institution);
    const leave = own === undefined ? 0 : own.firstWith(unitsOf(job.resources));
    let best: { readonly room: Room; readonly units: number; readonly at: number } | null = null;
    for (const { ledger, amount } of usable) {
      const room = this.pools.get(ledger);
      const { units } = amount;
      const at = room?.soonestWith(units) ?? null;
      if (room !== undefined && at !== null && (best === null || at < best.at)) best = { room, units, at };
    }
    if (best === null || leave === null) return null;
    const place = best.room.firstWith(best.units);
    if (place === null) return null;
    // What its own time holds back longer takes no room from the others meanwhile.
    if (notBefore > Math.max(place, leave)) return notBefore;
    const start = Math.max(place, leave);
    best.room.takeAt(best.units, start, seconds);
    own?.takeAt(unitsOf(job.resources), start, seconds);
    return start;
  }
}

interface Release {
  readonly at: number;
  readonly units: number;
}

/** Units that come free one after another. Time only goes forward: nobody is planned before whoever was planned already. */
class Room {
  private time = 0;
  /** Units that will come free at a known time. */
  private coming = 0;
  private readonly releases = new TinyQueue<Release>([], (a, b) => a.at - b.at);

  constructor(private free: number) {}

  /** @param seconds null: nobody knows for how long */
  hold(units: number, seconds: number | null): void {
    this.takeAt(units, 0, seconds);
  }

  /** A lower bound of {@link firstWith} that plans nothing. */
  soonestWith(units: number): number | null {
    if (this.free + this.coming < units) return null;
    return this.free >= units ? this.time : Math.max(this.time, this.releases.peek()?.at ?? 0);
  }

  /** Seconds until so many units are free; null when that is not foreseeable. */
  firstWith(units: number): number | null {
    if (this.free + this.coming < units) return null;
    while (this.free < units) {
      const next = this.releases.pop();
      if (next === undefined) return null;
      this.time = Math.max(this.time, next.at);
      this.free += next.units;
      this.coming -= next.units;
    }
    return this.time;
  }

  takeAt(units: number, at: number, seconds: number | null): void {
    this.free -= units;
    if (seconds === null) return;
    this.coming += units;
    this.releases.push({ at: at + seconds, units });
  }
}
