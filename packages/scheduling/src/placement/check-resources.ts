import type { CreateJob, Violation } from "@ziggurat/contracts";
import { INTERACTIVE_LIMITS } from "../priority.js";
import type { ClusterState, Pool } from "./cluster-state.js";
import { nodesOf, whyNotPool } from "./match-clusters.js";

/** Parts of a request that are about where and when it runs. */
export type Asked = Pick<CreateJob, "priority" | "resources" | "maxSeconds">;

/**
 * What could never start as it was asked for, each with the field, what is possible at most and so what to ask instead. What could start
 * later (a cluster that is away, drained or full, or takes other tiers and data) is no violation: the job waits and says so.
 */
export function checkResources({ priority, resources, maxSeconds }: Asked, clusters: readonly ClusterState[]): Violation[] {
  return [...checkClass(priority, resources.nodes, maxSeconds), ...checkSize(resources, clusters)];
}

function checkClass(priority: Asked["priority"], nodes: number, maxSeconds: number | undefined): Violation[] {
  if (priority !== "interactive") return [];
  const found: Violation[] = [];
  if (nodes > INTERACTIVE_LIMITS.nodes) {
    const detail = `interactive work runs on ${INTERACTIVE_LIMITS.nodes} node, ${nodes} wanted; ask for standard`;
    found.push({ code: "interactive_nodes", detail, pointer: "/resources/nodes" });
  }
  if ((maxSeconds ?? 0) > INTERACTIVE_LIMITS.seconds) {
    const detail = `interactive work takes ${INTERACTIVE_LIMITS.seconds} s at most, ${maxSeconds} wanted; ask for standard`;
    found.push({ code: "interactive_seconds", detail, pointer: "/maxSeconds" });
  }
  return found;
}

function checkSize(resources: Asked["resources"], clusters: readonly ClusterState[]): Violation[] {
  const pools = clusters.flatMap((cluster) => cluster.pools.map((pool) => ({ cluster, pool })));
  const isDefault = resources.nodes === 1 && resources.gpusPerNode === 0 && resources.gpuType === null;
  // Before any cluster has registered itself, nobody knows what there will be; one CPU place is what there always is.
  if (pools.length === 0 && isDefault) return [];
  if (resources.gpusPerNode === 0 && resources.gpuType !== null) {
    const detail = `no GPU is asked for, so there is none of type ${resources.gpuType}; ask for gpusPerNode, or for no type`;
    return [{ code: "resources_gpu_type", detail, pointer: "/resources/gpuType" }];
  }
  const types = [...new Set(pools.flatMap(({ pool }) => pool.gpuType ?? []))].sort();
  if (resources.gpusPerNode > 0 && types.length === 0) {
    const detail = "no cluster has GPUs; ask for gpusPerNode 0";
    return [{ code: "resources_gpus_per_node", detail, pointer: "/resources/gpusPerNode" }];
  }
  const { gpuType } = resources;
  if (gpuType !== null && !types.some((type) => type.toLowerCase() === gpuType.toLowerCase())) {
    const detail = `no cluster has GPUs of type ${gpuType}; there are ${types.join(", ")}`;
    return [{ code: "resources_gpu_type", detail, pointer: "/resources/gpuType" }];
  }
  const kind = pools.filter(({ pool }) => isOfKind(pool, resources));
  const [perNode, cpus, memory] = [
    most(kind.map(({ pool }) => (pool.gpuType === null ? 0 : pool.unitsPerNode))),
    most(kind.map(({ pool }) => pool.cpusPerNode ?? Number.POSITIVE_INFINITY)),
    most(kind.map(({ pool }) => pool.memoryMbPerNode ?? Number.POSITIVE_INFINITY)),
  ];
  const nodes = most(kind.map(({ cluster, pool }) => (cluster.placesGangs ? nodesOf(pool) : 1)));
  const single = [
    ...over("resources_gpus_per_node", "gpusPerNode", resources.gpusPerNode, perNode),
    ...over("resources_nodes", "nodes", resources.nodes, nodes),
    ...over("resources_cpus_per_node", "cpusPerNode", resources.cpusPerNode, cpus),
    ...over("resources_memory_per_node", "memoryMbPerNode", resources.memoryMbPerNode ?? 0, memory),
  ];
  const fits = kind.some(
    ({ cluster, pool }) => whyNotPool({ resources, gpuMemoryBytes: null }, pool) === null && (resources.nodes === 1 || cluster.placesGangs),
  );
  if (single.length > 0 || fits) return single;
  const detail = "each of these amounts is to be had somewhere, but all of them nowhere; ask for fewer nodes or less on each";
  return [{ code: "resources_combination", detail, pointer: "/resources" }];
}

function isOfKind(pool: Pool, { gpusPerNode, gpuType }: Asked["resources"]): boolean {
  if (gpusPerNode === 0) return pool.gpuType === null || pool.cpusPerNode !== null;
  return pool.gpuType !== null && (gpuType === null || pool.gpuType.toLowerCase() === gpuType.toLowerCase());
}

function over(code: string, field: keyof Asked["resources"], wanted: number, most: number): Violation[] {
  if (wanted <= most) return [];
  const detail = `${field}: ${wanted} wanted, no cluster has more than ${most}; ask for ${most} or fewer`;
  return [{ code, detail, pointer: `/resources/${field}` }];
}

function most(numbers: readonly number[]): number {
  return Math.max(0, ...numbers);
}
