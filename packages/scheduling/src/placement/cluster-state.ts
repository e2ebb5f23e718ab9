import type { JobResources, Sensitivity, Tier } from "@ziggurat/contracts";

/** Equal nodes of a cluster, counted together: which node takes what is the engine's business. */
export interface Pool {
  /** Unique within its cluster. */
  readonly name: string;
  /** Null: CPU places. */
  readonly gpuType: string | null;
  readonly gpuMemoryBytes: number | null;
  readonly nodes: number;
  /** GPUs of a node, or its CPU places. */
  readonly unitsPerNode: number;
  /** Null: not counted. */
  readonly cpusPerNode: number | null;
  readonly memoryMbPerNode: number | null;
  /** Units that nobody can take: on drained or faulty nodes. */
  readonly unitsOut: number;
  /** Units free on each node as the engine tells; null leaves fragments to the engine. */
  readonly freeOnNodes: readonly number[] | null;
}

/** A cluster as placement and admission see it. */
export interface ClusterState {
  readonly name: string;
  readonly healthy: boolean;
  /** Why it is not healthy, in words. */
  readonly reason: string | null;
  /** Takes nothing new; what runs goes on. */
  readonly drained: boolean;
  /** Its engine orders what waits there; otherwise only what fits is submitted. */
  readonly keepsQueue: boolean;
  /** All nodes of a run start together or not at all. */
  readonly placesGangs: boolean;
  /** Runs where the data lies already, so that no data moves. */
  readonly isHome: boolean;
  readonly location: string | null;
  readonly tiers: readonly Tier[];
  readonly sensitivities: readonly Sensitivity[];
  readonly pools: readonly Pool[];
  /** Minor units for a unit and hour. */
  readonly pricePerHour: number;
}

/** An amount of what a pool has. */
export interface Amount {
  readonly units: number;
  readonly cpus: number;
  readonly memoryMb: number;
}

/** Places of a quota, a price and a report: GPUs, or nodes where no GPU is taken. */
export function unitsOf({ nodes, gpusPerNode }: Pick<JobResources, "nodes" | "gpusPerNode">): number {
  return nodes * Math.max(1, gpusPerNode);
}

/** What a job takes of a pool that may take it. */
export function amountOn(pool: Pool, asked: JobResources): Amount {
  return {
    units: pool.gpuType === null ? asked.nodes : asked.nodes * asked.gpusPerNode,
    cpus: pool.cpusPerNode === null ? 0 : asked.nodes * asked.cpusPerNode,
    memoryMb: pool.memoryMbPerNode === null ? 0 : asked.nodes * (asked.memoryMbPerNode ?? 0),
  };
}

/** What a pool has in all, without what nobody can take. */
export function totalOf(pool: Pool): Amount {
  return {
    units: Math.max(0, pool.nodes * pool.unitsPerNode - pool.unitsOut),
    cpus: pool.cpusPerNode === null ? Number.POSITIVE_INFINITY : pool.nodes * pool.cpusPerNode,
    memoryMb: pool.memoryMbPerNode === null ? Number.POSITIVE_INFINITY : pool.nodes * pool.memoryMbPerNode,
  };
}

/** A cluster of CPU places and nothing else, as the local one is. */
export function placesOnly(name: string, places: number, more: Partial<ClusterState> = {}): ClusterState {
  return {
    name,
    healthy: true,
    reason: null,
    drained: false,
    keepsQueue: false,
    placesGangs: false,
    isHome: true,
    location: null,
    tiers: ["foundation", "finance", "institution"],
    sensitivities: ["public", "internal", "confidential", "personal"],
    pools: [
      {
        name: "places",
        gpuType: null,
        gpuMemoryBytes: null,
        nodes: 1,
        unitsPerNode: places,
        cpusPerNode: null,
        memoryMbPerNode: null,
        unitsOut: 0,
        freeOnNodes: null,
      },
    ],
    pricePerHour: 0,
    ...more,
  };
}
