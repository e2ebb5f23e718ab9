import { type ClusterState, type Floor, placesOnly } from "@ziggurat/scheduling";
import { COMMON_SIZES, campaign, type Demand, type SimulatedJob, syntheticLoad, type World } from "@ziggurat/scheduling/simulator";

export const DAY = 24 * 3600;
const NODES = 16;
const GPUS = 8;
export const UNITS = NODES * GPUS;

/** Shares are to be as these are to each other. */
export const WEIGHTS = new Map([
  ["alder", 1],
  ["birch", 2],
  ["cedar", 3],
  ["dogwood", 4],
]);
const TOTAL = [...WEIGHTS.values()].reduce((sum, weight) => sum + weight, 0);
/** Of the length of each one's jobs: shares are in GPU-hours, so neither short nor long jobs may be of use. */
const MEDIANS: Readonly<Record<string, number>> = { alder: 1800, birch: 3600, cedar: 2400, dogwood: 5400 };
const CLASSES: Demand["classes"] = [
  ["interactive", 1],
  ["standard", 6],
  ["bulk", 2],
];
/** What a campaign leaves free for the daily work of institutions. */
export const FLOORS: readonly Floor[] = [{ tier: "institution", share: 0.3, cluster: null }];

const pool = {
  ...{ name: "h100", gpuType: "h100", gpuMemoryBytes: null, nodes: NODES, unitsPerNode: GPUS, cpusPerNode: null, memoryMbPerNode: null },
  ...{ unitsOut: 0, freeOnNodes: null },
};
export const CLUSTERS: readonly ClusterState[] = [placesOnly("gpu", 0, { isHome: false, placesGangs: true, pools: [pool] })];

export function world(days: number, more: Partial<World> = {}): World {
  return { clusters: CLUSTERS, weights: WEIGHTS, untilSeconds: days * DAY, everySeconds: 300, ...more };
}

/** So much work that everybody always waits, or so little that hardly anybody does. @param load of what the cluster could do */
export function week(seed: number, days: number, load: number, backlog: number): SimulatedJob[] {
  const demands = [...WEIGHTS].map(([institution, weight]) => ({
    ...{ institution, tier: "institution" as const, classes: CLASSES, sizes: COMMON_SIZES, sigma: 1 },
    work: (load * UNITS * days * DAY * weight) / TOTAL,
    backlog: Math.round((backlog * weight) / TOTAL),
    median: MEDIANS[institution] ?? 3600,
  }));
  return syntheticLoad(seed, days, demands);
}

/** A whole re-derivation at once, owned by the platform: more than daily work leaves of the time. */
export function fullCampaign(seed: number, days: number): SimulatedJob[] {
  const jobs = Math.ceil((UNITS * 0.7 * days * DAY) / (2.5 * 4000));
  return campaign(seed, DAY / 4, jobs, { institution: "platform", tier: "institution", sizes: COMMON_SIZES, median: 3600, sigma: 0.6 });
}
