import type { JobResources, JobWindow, PriorityClass, Tier } from "@ziggurat/contracts";
import { unitsOf } from "../placement/cluster-state.js";
import { between, logNormal, oneOf, type Random, seeded } from "./random.js";

/** A job as the simulated world knows it, its true length included. Times are seconds from the start. */
export interface SimulatedJob {
  readonly id: string;
  readonly institution: string;
  readonly tier: Tier;
  readonly priority: PriorityClass;
  readonly resources: JobResources;
  readonly arrivesAt: number;
  readonly seconds: number;
  readonly estimate: { readonly low: number; readonly high: number };
  readonly window: JobWindow | null;
  readonly isPreemptible: boolean;
}

/** What one institution asks for. */
export interface Demand {
  readonly institution: string;
  readonly tier: Tier;
  /** Unit-seconds in all. */
  readonly work: number;
  /** How many are asked for at the very start; the rest comes over the days, most of it by day. */
  readonly backlog: number;
  readonly classes: readonly (readonly [PriorityClass, number])[];
  readonly sizes: readonly (readonly [Pick<JobResources, "nodes" | "gpusPerNode">, number])[];
  /** Of the length of a job, in seconds. */
  readonly median: number;
  readonly sigma: number;
}

const DAY = 24 * 3600;

/** Sizes as a cluster for tuning sees them: most are small, some take a node, a few take several. */
export const COMMON_SIZES: Demand["sizes"] = [
  [{ nodes: 1, gpusPerNode: 1 }, 50],
  [{ nodes: 1, gpusPerNode: 2 }, 22],
  [{ nodes: 1, gpusPerNode: 4 }, 15],
  [{ nodes: 1, gpusPerNode: 8 }, 10],
  [{ nodes: 2, gpusPerNode: 8 }, 3],
];

/** The jobs of all demands over so many days, in the order in which they arrive; the same for a seed. */
export function syntheticLoad(seed: number, days: number, demands: readonly Demand[]): SimulatedJob[] {
  const jobs = demands.flatMap((demand, index) => jobsOf(demand, days, seeded(seed * 7919 + index)));
  return jobs.sort((a, b) => a.arrivesAt - b.arrivesAt || (a.id < b.id ? -1 : 1));
}

/** A campaign: very many bulk jobs at one instant. */
export function campaign(seed: number, at: number, count: number, demand: Omit<Demand, "work" | "backlog" | "classes">): SimulatedJob[] {
  const random = seeded(seed);
  const bulk = { ...demand, work: 0, backlog: 0, classes: [["bulk", 1]] } satisfies Demand;
  return Array.from({ length: count }, (_, index) => aJob(`${demand.institution}-campaign-${index}`, bulk, at, random));
}

function jobsOf(demand: Demand, days: number, random: Random): SimulatedJob[] {
  const jobs: SimulatedJob[] = [];
  for (let work = 0; work < demand.work; ) {
    const at = jobs.length < demand.backlog ? 0 : arrival(days, random);
    const job = aJob(`${demand.institution}-${jobs.length}`, demand, at, random);
    jobs.push(job);
    work += job.seconds * unitsOf(job.resources);
  }
  return jobs;
}

function aJob(id: string, { institution, tier, classes, sizes, median, sigma }: Demand, arrivesAt: number, random: Random): SimulatedJob {
  const priority = oneOf(random, classes);
  const size =
    priority === "interactive"
      ? {
          nodes: 1,
          gpusPerNode: oneOf(random, [
            [1, 3],
            [2, 1],
          ]),
        }
      : oneOf(random, sizes);
  const seconds = Math.round(
    Math.min(12 * 3600, Math.max(120, logNormal(random, priority === "interactive" ? median / 4 : median, sigma))),
  );
  return {
    ...{ id, institution, tier, priority, arrivesAt, seconds },
    resources: { ...size, gpuType: null, cpusPerNode: 1, memoryMbPerNode: null },
    estimate: { low: seconds * between(random, 0.4, 1), high: seconds * between(random, 1, 2.5) },
    window: null,
    isPreemptible: priority !== "interactive" && priority !== "ordered",
  };
}

/** An instant of the days, three times as likely in the afternoon as at night. */
function arrival(days: number, random: Random): number {
  for (;;) {
    const at = random() * days * DAY;
    const byDay = 0.5 + 0.5 * Math.sin((2 * Math.PI * ((at % DAY) - 8 * 3600)) / DAY);
    if (random() < (0.5 + byDay) / 1.5) return at;
  }
}
