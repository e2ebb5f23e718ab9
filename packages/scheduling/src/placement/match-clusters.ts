import type { JobResources, PlacementRejection, Sensitivity, Tier } from "@ziggurat/contracts";
import type { ClusterState, Pool } from "./cluster-state.js";

/** What a job wants of the cluster that runs it. */
export interface Wish {
  readonly tier: Tier;
  readonly resources: JobResources;
  /** The most sensitive of its data. */
  readonly sensitivity: Sensitivity;
  /** Where its data must stay; null binds it to no place. */
  readonly region: string | null;
  /** Memory that each GPU needs at least, where an estimate knows it. */
  readonly gpuMemoryBytes: number | null;
  /** Where its checkpoints lie. */
  readonly lastCluster: string | null;
}

export interface Rejected {
  readonly cluster: string;
  readonly code: PlacementRejection;
  readonly detail: string;
}

export interface Match {
  readonly cluster: ClusterState;
  readonly pool: Pool;
}

export interface Matches {
  /** Pools that may take the job now or as soon as there is room. */
  readonly usable: readonly Match[];
  /** Why every other cluster may not. */
  readonly rejected: readonly Rejected[];
}

/**
 * Which clusters may take a job. Whatever it was started on keeps its checkpoints, so nothing else is asked while that one may take it; a
 * cluster that fails or drains lets the job go elsewhere.
 */
export function matchClusters(wish: Wish, clusters: readonly ClusterState[]): Matches {
  const judged = clusters.map((cluster) => ({ cluster, ...judge(wish, cluster) }));
  const usable = judged.flatMap(({ cluster, pools }) => pools.map((pool) => ({ cluster, pool })));
  const rejected = judged.flatMap(({ cluster, rejection }) => (rejection === null ? [] : [{ cluster: cluster.name, ...rejection }]));
  const there = usable.filter(({ cluster }) => cluster.name === wish.lastCluster);
  if (there.length === 0) return { usable, rejected };
  const elsewhere = [...new Set(usable.filter((match) => !there.includes(match)).map(({ cluster }) => cluster.name))];
  const detail = `the checkpoints of this job lie on ${wish.lastCluster}`;
  return { usable: there, rejected: [...rejected, ...elsewhere.map((cluster) => ({ cluster, code: "checkpoint" as const, detail }))] };
}

type Rejection = Pick<Rejected, "code" | "detail">;

function judge(wish: Wish, cluster: ClusterState): { readonly pools: readonly Pool[]; readonly rejection: Rejection | null } {
  const never = whyNever(wish, cluster);
  if (never !== null) return { pools: [], rejection: never };
  const judged = cluster.pools.map((pool) => ({ pool, rejection: whyNotPool(wish, pool) }));
  const pools = judged.filter(({ rejection }) => rejection === null).map(({ pool }) => pool);
  if (pools.length === 0)
    return { pools: [], rejection: nearest(judged.flatMap(({ rejection }) => rejection ?? [])) ?? reject("too_large", "it has no places") };
  if (!cluster.healthy) return { pools: [], rejection: reject("unhealthy", cluster.reason ?? "it is not healthy") };
  if (cluster.drained) return { pools: [], rejection: reject("drained", "it takes no new work") };
  return { pools, rejection: null };
}

/** What no pool of a cluster could mend. */
function whyNever({ tier, sensitivity, region, resources }: Wish, cluster: ClusterState): Rejection | null {
  if (!cluster.tiers.includes(tier)) return reject("tier", `it takes no work of the tier ${tier}`);
  if (!cluster.sensitivities.includes(sensitivity)) return reject("data_class", `it takes no ${sensitivity} data`);
  const isAway = region !== null && cluster.location !== region && !(cluster.isHome && cluster.location === null);
  if (isAway)
    return reject("location", `the data stays in ${region}; this cluster is in ${cluster.location ?? "a place it does not state"}`);
  if (resources.nodes > 1 && !cluster.placesGangs) return reject("gang", `its engine does not start ${resources.nodes} nodes at once`);
  return null;
}

/** Why a pool can never take a job of this kind or size; null when it can. */
export function whyNotPool({ resources, gpuMemoryBytes }: Pick<Wish, "resources" | "gpuMemoryBytes">, pool: Pool): Rejection | null {
  const { nodes, gpusPerNode, gpuType, cpusPerNode, memoryMbPerNode } = resources;
  if (gpusPerNode > 0 && pool.gpuType === null) return reject("gpu_type", "it has no GPUs");
  if (gpusPerNode === 0 && pool.gpuType !== null && pool.cpusPerNode === null)
    return reject("gpu_type", "it has GPU places only, and the job takes no GPU");
  if (gpuType !== null && pool.gpuType?.toLowerCase() !== gpuType.toLowerCase())
    return reject("gpu_type", `it has ${pool.gpuType ?? "no GPUs"}, not ${gpuType}`);
  if (pool.gpuMemoryBytes !== null && gpuMemoryBytes !== null && gpusPerNode > 0 && gpuMemoryBytes > pool.gpuMemoryBytes)
    return reject("gpu_memory", `a GPU has ${gib(pool.gpuMemoryBytes)} GiB and needs ${gib(gpuMemoryBytes)}`);
  if (nodes > nodesOf(pool)) return tooLarge(nodes, "nodes", nodesOf(pool));
  if (pool.gpuType !== null && gpusPerNode > pool.unitsPerNode) return tooLarge(gpusPerNode, "GPUs on a node", pool.unitsPerNode);
  if (pool.cpusPerNode !== null && cpusPerNode > pool.cpusPerNode) return tooLarge(cpusPerNode, "CPUs on a node", pool.cpusPerNode);
  if (pool.memoryMbPerNode !== null && (memoryMbPerNode ?? 0) > pool.memoryMbPerNode)
    return tooLarge(memoryMbPerNode ?? 0, "MiB on a node", pool.memoryMbPerNode);
  return null;
}

/** Nodes that a job may ask for: each takes one of the CPU places. */
export function nodesOf(pool: Pool): number {
  return pool.gpuType === null ? pool.nodes * pool.unitsPerNode : pool.nodes;
}

/** Of several pools' answers the one that came closest. */
function nearest(rejections: readonly Rejection[]): Rejection | null {
  const order: readonly PlacementRejection[] = ["too_large", "gpu_memory", "gpu_type"];
  return order.flatMap((code) => rejections.find((rejection) => rejection.code === code) ?? [])[0] ?? null;
}

function tooLarge(wanted: number, what: string, most: number): Rejection {
  return reject("too_large", `${wanted} ${what} wanted, it has ${most}`);
}

function reject(code: PlacementRejection, detail: string): Rejection {
  return { code, detail };
}

function gib(bytes: number): string {
  return String(Math.round((bytes / 1024 ** 3) * 10) / 10);
}
