import { type Amount, amountOn, type Pool } from "../placement/cluster-state.js";
import { type Match, whyNotPool } from "../placement/match-clusters.js";
import { type Entry, PoolLedger } from "./pool-ledger.js";
import type { Holding, Situation } from "./situation.js";

/** A run with where it stands in the books. */
export interface Held {
  readonly run: Holding;
  readonly pool: Pool;
  readonly amount: Amount;
  readonly ledger: PoolLedger;
  readonly entry: Entry;
}

/** The books of every pool, with what runs on them written in. */
export class Ledgers {
  readonly held: readonly Held[];
  private readonly byPool = new Map<string, PoolLedger>();

  constructor(private readonly situation: Situation) {
    for (const cluster of situation.clusters)
      for (const pool of cluster.pools) this.byPool.set(keyOf(cluster.name, pool.name), new PoolLedger({ cluster, pool }, situation));
    this.held = situation.holding.flatMap((run) => this.write(run) ?? []);
  }

  of({ cluster, pool }: Match): PoolLedger {
    const ledger = this.byPool.get(keyOf(cluster.name, pool.name));
    if (ledger === undefined) throw new Error(`There is no pool ${pool.name} on ${cluster.name}.`);
    return ledger;
  }

  all(): Iterable<PoolLedger> {
    return this.byPool.values();
  }

  private write(run: Holding): Held | null {
    const cluster = this.situation.clusters.find(({ name }) => name === run.cluster);
    const pool =
      cluster?.pools.find(({ name }) => name === run.pool) ??
      cluster?.pools.find((one) => whyNotPool({ resources: run.resources, gpuMemoryBytes: null }, one) === null) ??
      cluster?.pools[0];
    if (cluster === undefined || pool === undefined) return null;
    const amount = amountOn(pool, run.resources);
    const entry: Entry = { taker: run, amount, endsAt: plannedEnd(run, this.situation), run };
    const ledger = this.of({ cluster, pool });
    ledger.record(entry);
    return { run, pool, amount, ledger, entry };
  }
}

/** When a run is planned to end. One that has outlasted every plan is taken to end soon, since nobody knows better. */
function plannedEnd(run: Holding, { now, rules }: Situation): number {
  const soon = now + rules.yieldSeconds * 1000;
  if (run.isYielding) return soon;
  const expected = run.remainingSeconds === null ? run.startedAt + rules.longestSeconds * 1000 : now + run.remainingSeconds.high * 1000;
  return Math.max(soon, Math.min(expected, run.endsBy ?? expected));
}

function keyOf(cluster: string, pool: string): string {
  return `${cluster}\0${pool}`;
}
