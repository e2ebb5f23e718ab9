import type { JobResources } from "@ziggurat/contracts";
import { type Account, type ClusterState, type Holding, type Pass, type Pool, placesOnly, type Waiting } from "../src/index.js";

/** A job on one CPU place, with what matters about it. */
export function aWaiting(id: string, queuedAt: number, more: Partial<Omit<Waiting, "id" | "queuedAt">> = {}): Waiting {
  return {
    id,
    queuedAt,
    institution: "north",
    tier: "institution",
    priority: "standard",
    resources: resources(),
    waitingSince: queuedAt,
    seconds: { low: 10, high: 20 },
    limitSeconds: null,
    window: null,
    notBefore: null,
    sensitivity: "internal",
    region: null,
    gpuMemoryBytes: null,
    lastCluster: null,
    ...more,
  };
}

/** A run on one place of the cluster `local`. */
export function aHolding(id: string, more: Partial<Holding> = {}): Holding {
  return {
    id,
    institution: "north",
    tier: "institution",
    priority: "standard",
    resources: resources(),
    cluster: "local",
    pool: null,
    startedAt: 0,
    remainingSeconds: { low: 10, high: 20 },
    endsBy: null,
    window: null,
    isPreemptible: true,
    checkpointAt: null,
    preemptions: 0,
    isYielding: false,
    ...more,
  };
}

export function resources(more: Partial<JobResources> = {}): JobResources {
  return { nodes: 1, gpusPerNode: 0, gpuType: null, cpusPerNode: 1, memoryMbPerNode: null, ...more };
}

export const gpus = (gpusPerNode: number, nodes = 1, gpuType: string | null = null): JobResources =>
  resources({ nodes, gpusPerNode, gpuType });

export function aPool(nodes: number, unitsPerNode: number, more: Partial<Pool> = {}): Pool {
  return {
    name: "h100",
    gpuType: "h100",
    gpuMemoryBytes: null,
    nodes,
    unitsPerNode,
    cpusPerNode: null,
    memoryMbPerNode: null,
    unitsOut: 0,
    freeOnNodes: null,
    ...more,
  };
}

/** A cluster of GPU nodes away from home. */
export function aGpuCluster(name: string, pools: readonly Pool[], more: Partial<ClusterState> = {}): ClusterState {
  return placesOnly(name, 0, { placesGangs: true, isHome: false, pools, ...more });
}

export const accounts = (weights: Readonly<Record<string, number>>): ReadonlyMap<string, Account> =>
  new Map(Object.entries(weights).map(([institution, weight]) => [institution, { weight, average: new Map() }]));

export const started = ({ decisions }: Pass): string[] => decisions.flatMap(({ job, start }) => (start === null ? [] : [job.id]));
export const yielding = ({ yields }: Pass): string[] => yields.map(({ runId }) => runId).sort();
