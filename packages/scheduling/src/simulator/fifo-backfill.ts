import { plannedSeconds, type Situation, type Waiting } from "../admission/situation.js";
import { amountOn, totalOf } from "../placement/cluster-state.js";
import type { Policy } from "./policy.js";

interface Lane {
  readonly cluster: string;
  readonly pool: string;
  readonly unitsOf: (job: Pick<Waiting, "resources">) => number;
  free: number;
  /** What comes free, by instant. */
  readonly ends: { at: number; units: number }[];
  /** When the first in the line starts, and what is left over then. */
  shadow: { readonly at: number; spare: number } | null;
}

/**
 * First come, first served with EASY back-fill (Lifka, "The ANL/IBM SP Scheduling System", 1995): the first that finds no room gets the
 * instant at which it will; others start before it where that does not delay it. It knows no institutions, classes or floors: what a cluster
 * yields with nothing but this is what the platform's own admission is measured against.
 */
export const fifoBackfill: Policy = {
  name: "fifo back-fill",
  decide(situation) {
    const lanes = lanesOf(situation);
    const starts: { id: string; cluster: string; pool: string }[] = [];
    for (const job of [...situation.waiting].sort((a, b) => a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : 1))) {
      const end = situation.now + plannedSeconds(job, situation.rules) * 1000;
      const lane = lanes.find((one) => mayStart(one, one.unitsOf(job), end));
      if (lane !== undefined) {
        const units = lane.unitsOf(job);
        lane.free -= units;
        lane.ends.push({ at: end, units });
        if (lane.shadow !== null && end > lane.shadow.at) lane.shadow.spare -= units;
        starts.push({ id: job.id, cluster: lane.cluster, pool: lane.pool });
        continue;
      }
      for (const one of lanes) one.shadow ??= shadowOf(one, one.unitsOf(job));
    }
    return { starts, yields: [] };
  },
};

function mayStart({ free, shadow }: Lane, units: number, end: number): boolean {
  return units <= free && (shadow === null || end <= shadow.at || units <= shadow.spare);
}

function shadowOf({ free, ends }: Lane, units: number): Lane["shadow"] {
  let left = free;
  for (const { at, units: given } of [...ends].sort((a, b) => a.at - b.at)) {
    left += given;
    if (left >= units) return { at, spare: left - units };
  }
  return null;
}

function lanesOf({ clusters, holding, now, rules }: Situation): Lane[] {
  return clusters.flatMap((cluster) =>
    cluster.pools.map((pool) => {
      const runs = holding.filter((run) => run.cluster === cluster.name && run.pool === pool.name);
      const unitsOf = (job: Pick<Waiting, "resources">): number => amountOn(pool, job.resources).units;
      return {
        ...{ cluster: cluster.name, pool: pool.name, unitsOf, shadow: null },
        free: runs.reduce((free, run) => free - unitsOf(run), totalOf(pool).units),
        ends: runs.map((run) => ({
          at: now + Math.max(rules.yieldSeconds, run.remainingSeconds?.high ?? rules.longestSeconds) * 1000,
          units: unitsOf(run),
        })),
      };
    }),
  );
}
