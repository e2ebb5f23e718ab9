import { type Amount, type ClusterState, type Pool, totalOf } from "../placement/cluster-state.js";

/** What an institution is owed and has had. */
export interface Account {
  /** Shares are to be as these weights are to each other. */
  readonly weight: number;
  /** Decayed average of what it held of each resource, by the names of {@link resourcesOf}. */
  readonly average: ReadonlyMap<string, number>;
}

/** What a job takes of a pool. */
export interface Piece {
  readonly pool: Pick<Pool, "gpuType">;
  readonly amount: Amount;
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
  private readonly held = new Map<string, Map<string, number>>();
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
  }

  /** The institution holds this much more. */
  add(institution: string, pool: Pick<Pool, "gpuType">, amount: Amount): void {
    const held = this.held.get(institution) ?? new Map<string, number>();
    const names = resourcesOf(pool);
    for (const kind of KINDS) if (amount[kind] > 0) held.set(names[kind], (held.get(names[kind]) ?? 0) + amount[kind]);
    this.held.set(institution, held);
    this.known.delete(institution);
  }

  /** Its dominant share over its weight, of what it holds and of what it held before. */
  of(institution: string): number {
    const known = this.known.get(institution);
    if (known !== undefined) return known;
    const share = this.look(institution, null).had;
    this.known.set(institution, share);
    return share;
  }

  /**
   * The same with half of what it would get next, so that neither large pieces nor a small weight are of use: between one piece and the next
   * everybody is half a piece above and half a piece below.
   */
  before(institution: string, next: Piece | null): number {
    return this.look(institution, next).had;
  }

  /** The same as if it had always held at least what it holds now: whoever was idle has nothing to catch up with. */
  beforeWithoutCredit(institution: string, next: Piece | null): number {
    const { had, steady } = this.look(institution, next);
    return Math.max(had, steady);
  }

  /** Whether it has had more than its weight among all whose accounts are known. */
  isAbove(institution: string): boolean {
    let all = 0;
    for (const { weight } of this.accounts.values()) all += weight;
    return all > 0 && this.of(institution) > 2 / all;
  }

  private look(institution: string, next: Piece | null): { readonly had: number; readonly steady: number } {
    const { weight, average } = this.accounts.get(institution) ?? NOBODY;
    const held = this.held.get(institution);
    const half = next === null ? null : halfOf(next);
    let [had, steady] = [0, 0];
    for (const [resource, total] of this.totals) {
      if (total === 0) continue;
      const now = ((held?.get(resource) ?? 0) + (half?.get(resource) ?? 0)) / total;
      had = Math.max(had, now + (average.get(resource) ?? 0) / total);
      steady = Math.max(steady, 2 * now);
    }
    return { had: had / weight, steady: steady / weight };
  }
}

function halfOf({ pool, amount }: Piece): ReadonlyMap<string, number> {
  const names = resourcesOf(pool);
  return new Map(KINDS.map((kind) => [names[kind], amount[kind] / 2]));
}

const KINDS = ["units", "cpus", "memoryMb"] as const satisfies (keyof Amount)[];
