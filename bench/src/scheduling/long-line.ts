import type { PriorityClass, Tier } from "@ziggurat/contracts";
import { admit, aSituation, placesOnly, reasonsOf, type Situation } from "@ziggurat/scheduling";
import { oneOf, seeded } from "@ziggurat/scheduling/simulator";
import { median } from "../results.js";

const NOW = 1_000_000_000_000;
const HOUR = 3_600_000;
const ROUNDS = 25;

export interface LineFigure {
  readonly jobs: number;
  readonly passMs: number;
  readonly passCpuMs: number;
  readonly reasonsMs: number;
  readonly whyOneMs: number;
  readonly started: number;
}

/** One pass over a long line on five clusters with floors, a reservation, quotas and 500 runs; then the reasons of all, and of one. */
export function measureLine(jobs: number, institutions: number): LineFigure {
  const situation = longLine(jobs, institutions);
  const figures = Array.from({ length: ROUNDS }, () => once(situation));
  const of = (pick: (figure: LineFigure) => number): number => median(figures.map(pick));
  const [first] = figures;
  return {
    jobs,
    passMs: of(({ passMs }) => passMs),
    passCpuMs: of(({ passCpuMs }) => passCpuMs),
    reasonsMs: of(({ reasonsMs }) => reasonsMs),
    whyOneMs: of(({ whyOneMs }) => whyOneMs),
    started: first?.started ?? 0,
  };
}

function once(situation: Situation): LineFigure {
  const [began, used] = [performance.now(), process.cpuUsage()];
  const { decisions } = admit(situation);
  const [passMs, { user, system }] = [performance.now() - began, process.cpuUsage(used)];
  const asked = performance.now();
  const [last] = decisions.filter(({ job }) => job.id === `job-${situation.waiting.length - 1}`).flatMap(reasonsOf);
  const whyOneMs = performance.now() - asked;
  const all = performance.now();
  const reasons = decisions.flatMap(reasonsOf).length;
  const started = decisions.filter(({ start }) => start !== null).length;
  if (reasons < situation.waiting.length - started || last === undefined) throw new Error("Somebody waits without a reason.");
  return { jobs: decisions.length, passMs, passCpuMs: (user + system) / 1000, reasonsMs: performance.now() - all, whyOneMs, started };
}

function longLine(jobs: number, institutions: number): Situation {
  const random = seeded(3);
  const some = (count: number): number => Math.floor(random() * count);
  const types = ["h100", "h200", "a100", "l40s"];
  const clusters = types.map((gpuType, index) =>
    placesOnly(`gpu-${index}`, 0, {
      ...{ placesGangs: true, isHome: false, keepsQueue: index === 3, pricePerHour: index },
      pools: [
        {
          ...{ name: gpuType, gpuType, gpuMemoryBytes: 80e9, nodes: 32, unitsPerNode: 8, cpusPerNode: 128, memoryMbPerNode: 1_000_000 },
          ...{ unitsOut: 0, freeOnNodes: null },
        },
      ],
    }),
  );
  const taken = (gpusPerNode: number, nodes: number, gpuType: string | null) => ({
    ...{ nodes, gpusPerNode, gpuType, cpusPerNode: 4, memoryMbPerNode: null },
  });
  const common = { window: null, sensitivity: "internal", region: null, gpuMemoryBytes: null } as const;
  return aSituation({
    now: NOW,
    clusters: [...clusters, placesOnly("local", 16)],
    waiting: Array.from({ length: jobs }, (_, index) => {
      const since = NOW - some(100 * HOUR);
      return {
        ...{ ...common, id: `job-${index}`, institution: `bank-${some(institutions)}`, queuedAt: since, waitingSince: since },
        tier: oneOf<Tier>(random, [
          ["foundation", 1],
          ["finance", 2],
          ["institution", 7],
        ]),
        priority: oneOf<PriorityClass>(random, [
          ["interactive", 1],
          ["standard", 5],
          ["bulk", 4],
        ]),
        resources: taken(
          oneOf(random, [
            [1, 5],
            [2, 2],
            [4, 2],
            [8, 1],
            [0, 1],
          ]),
          random() < 0.1 ? 2 : 1,
          random() < 0.3 ? (types[some(4)] ?? null) : null,
        ),
        seconds: { low: some(3600), high: 3600 + some(36_000) },
        ...{ limitSeconds: null, notBefore: null, lastCluster: null },
      };
    }).map((job) => (job.resources.gpusPerNode === 0 ? { ...job, resources: taken(0, 1, null) } : job)),
    holding: Array.from({ length: 500 }, (_, index) => ({
      ...{ id: `run-${index}`, institution: `bank-${some(institutions)}`, tier: "institution", window: null, endsBy: null },
      ...{ priority: random() < 0.5 ? "bulk" : "standard", resources: taken(2, 1, null), isPreemptible: true, isYielding: false },
      ...{ cluster: `gpu-${index % 4}`, pool: types[index % 4] ?? null, startedAt: NOW - some(3 * HOUR), checkpointAt: null },
      ...{ remainingSeconds: { low: 100, high: 100 + some(36_000) }, preemptions: 0 },
    })),
    accounts: new Map(Array.from({ length: institutions }, (_, index) => [`bank-${index}`, { weight: 1, average: new Map() }])),
    limits: new Map([
      ["bank-3", { places: 5, mayBorrow: true }],
      ["bank-4", { places: 5, mayBorrow: false }],
    ]),
    floors: [{ tier: "institution", share: 0.3, cluster: null }],
    reservations: [
      { id: "r", institution: "bank-1", tier: null, cluster: "gpu-0", pool: "h100", units: 16, from: NOW + HOUR, until: NOW + 2 * HOUR },
    ],
  });
}
