import type { Piece } from "../fair-share/shares.js";
import { type Amount, amountOn } from "../placement/cluster-state.js";
import { type Match, matchClusters, type Rejected } from "../placement/match-clusters.js";
import type { Ledgers } from "./ledgers.js";
import type { PoolLedger } from "./pool-ledger.js";
import type { Situation, Waiting } from "./situation.js";

/** A pool that a job may take, with what it would take of it. */
export interface Option {
  readonly match: Match;
  readonly ledger: PoolLedger;
  readonly amount: Amount;
}

/** What all jobs with the same wish may take. */
export interface Options {
  readonly usable: readonly Option[];
  readonly rejected: readonly Rejected[];
  /** What such a job counts as while the order is made. */
  readonly piece: Piece | null;
}

/** Options by wish: most jobs of a long line wish for one of a few things. */
export class OptionsByWish {
  private readonly byWish = new Map<string, Options>();
  private readonly byJob = new Map<Waiting, Options>();

  constructor(
    private readonly situation: Situation,
    private readonly ledgers: Ledgers,
  ) {}

  of(job: Waiting): Options {
    const known = this.byJob.get(job);
    if (known !== undefined) return known;
    const wish = wishOf(job);
    const found = this.byWish.get(wish) ?? this.find(job);
    this.byWish.set(wish, found);
    this.byJob.set(job, found);
    return found;
  }

  private find(job: Waiting): Options {
    const { usable, rejected } = matchClusters(job, this.situation.clusters);
    const options = usable.map((match) => ({ match, ledger: this.ledgers.of(match), amount: amountOn(match.pool, job.resources) }));
    const [first] = options;
    return { usable: options, rejected, piece: first === undefined ? null : { pool: first.match.pool, amount: first.amount } };
  }
}

function wishOf({ tier, sensitivity, region, gpuMemoryBytes, lastCluster, resources }: Waiting): string {
  const { nodes, gpusPerNode, gpuType, cpusPerNode, memoryMbPerNode } = resources;
  return `${tier} ${sensitivity} ${region} ${gpuMemoryBytes} ${lastCluster} ${nodes} ${gpusPerNode} ${gpuType} ${cpusPerNode} ${memoryMbPerNode}`;
}
