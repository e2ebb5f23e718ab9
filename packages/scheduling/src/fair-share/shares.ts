import { type Amount, type ClusterState, type Pool, totalOf } from "../placement/cluster-state.js";

/** What an institution is owed and has had. */
export interface Account {
  /** Shares are to be as these weights are to each other. */
  readonly weight: number;
  /** Decayed average of what it held of each resource, by the names of {@link resourcesOf}. */
  readonly average: ReadonlyMap<string, number>;
}

const NOBODY: Account = { weight: 1, average: new Map() };

/** Names of the resources that a pool's amounts are of: GPUs of a type, CPU places, CPUs, memory. */
export function resourcesOf({ gpuType }: Pick<Pool, "gpuType">): Readonly<Record<keyof Amount, string>> {
  return { units: gpuType === null ? "place" : `gpu:${gpuType.toLowerCase()}`, cpus: "cpu", memoryMb: "memory" };
}

/**
 * Weighted dominant shares (Ghodsi et al., "Dominant Resource Fairness: Fair Allocation of Multiple Resource Types", NSDI 2011): an
 * institution's share is that of the resource of which it has the largest part, over its weight, and whoever has the smallest is served next.
 * What counts as had is what it holds now and, so that a long time is fair as well, the decayed average of what it held.
 */
export class Shares {
  private readonly totals = new Map<string, number>();
  private readonly had = new Map<string, Map<string, number>>();
  private readonly known = new Map<string, number>();

  constructor(
    clusters: readonly ClusterState[],
    private readonly accounts: ReadonlyMap<string, Account>,
  ) {
    for (const pool of clusters.flatMap(({ pools }) => pools)) {
      const [names, total] = [resourcesOf(pool), totalOf(pool)];
      for (const kind of KINDS) {
        // What is not counted on one pool bounds nobody on any.
        if (Number.isFinite(total[kind])) this.totals.set(names[kind], (this.totals.get(names[kind]) ?? 0) + total[kind]);
      }
    }
    for (const [institution, { average }] of accounts) this.had.set(institution, new Map(average));
  }

  /** The institution holds this much more. */
  add(institution: string, pool: Pick<Pool, "gpuType">, amount: Amount): void {
    const had = this.had.get(institution) ?? new Map<string, number>();
    const names = resourcesOf(pool);
    for (const kind of KINDS) if (amount[kind] > 0) had.set(names[kind], (had.get(names[kind]) ?? 0) + amount[kind]);
    this.had.set(institution, had);
    this.known.delete(institution);
  }

  /** Its dominant share over its weight. */
  of(institution: string): number {
    const known = this.known.get(institution);
    if (known !== undefined) return known;
    let most = 0;
    for (const [resource, amount] of this.had.get(institution) ?? []) {
      const total = this.totals.get(resource) ?? 0;
      if (total > 0) most = Math.max(most, amount / total);
    }
    const share = most / this.weightOf(institution);
    this.known.set(institution, share);
    return share;
  }

  /** Whether it has had more than its weight among all whose accounts are known. */
  isAbove(institution: string): boolean {
    let all = 0;
    for (const { weight } of this.accounts.values()) all += weight;
    return all > 0 && this.of(institution) > 2 / all;
  }

  private weightOf(institution: string): number {
    return (this.accounts.get(institution) ?? NOBODY).weight;
  }
}

const KINDS = ["units", "cpus", "memoryMb"] as const satisfies (keyof Amount)[];
