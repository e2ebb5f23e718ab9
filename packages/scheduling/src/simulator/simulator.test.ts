import { expect, it } from "vitest";
import { aGpuCluster, aPool, gpus } from "../../test/builders.js";
import { fifoBackfill } from "./fifo-backfill.js";
import { COMMON_SIZES, campaign, type Demand, type SimulatedJob, syntheticLoad } from "./load.js";
import { ourAdmission } from "./policy.js";
import { seeded } from "./random.js";
import { simulate, type World } from "./simulate.js";

const DAY = 24 * 3600;
const clusters = [aGpuCluster("gpu", [aPool(4, 8)])];
const weights = new Map([
  ["alder", 1],
  ["birch", 3],
]);
const world = (more: Partial<World> = {}): World => ({ clusters, weights, untilSeconds: DAY, everySeconds: 120, ...more });
const demand = (institution: string, work: number, more: Partial<Demand> = {}): Demand => ({
  ...{ institution, tier: "institution", work, backlog: 20, sizes: COMMON_SIZES, median: 1800, sigma: 0.8 },
  classes: [
    ["interactive", 1],
    ["standard", 6],
    ["bulk", 2],
  ],
  ...more,
});
const CAPACITY = 32 * DAY;

it("gives the same numbers for a seed", () => {
  const [a, b] = [seeded(7), seeded(7)];
  const numbers = Array.from({ length: 1000 }, () => a());
  expect(numbers).toEqual(Array.from({ length: 1000 }, () => b()));
  expect(numbers.every((n) => n >= 0 && n < 1)).toBe(true);
  expect(numbers.reduce((sum, n) => sum + n, 0) / 1000).toBeCloseTo(0.5, 1);
  const demands = [demand("alder", CAPACITY / 2)];
  expect(syntheticLoad(1, 1, demands)).toEqual(syntheticLoad(1, 1, demands));
  expect(syntheticLoad(1, 1, demands)).not.toEqual(syntheticLoad(2, 1, demands));
});

it("plays a single machine as one would by hand", () => {
  const job = (id: string, arrivesAt: number, seconds: number, units: number): SimulatedJob => ({
    ...{ id, institution: "alder", tier: "institution", priority: "standard", resources: gpus(units), arrivesAt, seconds },
    ...{ estimate: { low: seconds, high: seconds }, window: null, isPreemptible: true },
  });
  const jobs = [job("a", 0, 1000, 6), job("wide", 10, 1000, 8), job("fits", 20, 900, 2), job("long", 30, 2000, 2)];
  const one = world({ clusters: [aGpuCluster("gpu", [aPool(1, 8)])], everySeconds: 1, untilSeconds: 10_000 });
  for (const policy of [ourAdmission, fifoBackfill]) {
    const { fates, use } = simulate(one, jobs, policy);
    // `fits` ends before the wide one is to start, `long` would not.
    expect(fates.map(({ startedAt, endedAt }) => [startedAt, endedAt])).toEqual([
      [0, 1000],
      [1000, 2000],
      [20, 920],
      [2000, 4000],
    ]);
    expect(use.get("alder")).toBe(6 * 1000 + 8 * 1000 + 2 * 900 + 2 * 2000);
  }
});

it("under more work than there is room for, shares come near the weights, nothing is left idle and nothing is broken", () => {
  const jobs = syntheticLoad(3, 1, [demand("alder", 0.5 * CAPACITY, { backlog: 40 }), demand("birch", 1.2 * CAPACITY, { backlog: 100 })]);
  const [fair, plain] = [simulate(world(), jobs, ourAdmission), simulate(world(), jobs, fifoBackfill)];
  const all = [...fair.use.values()].reduce((sum, units) => sum + units, 0);
  expect((fair.use.get("birch") ?? 0) / all).toBeGreaterThan(0.75 * 0.9);
  expect((fair.use.get("birch") ?? 0) / all).toBeLessThan(0.75 * 1.1);
  expect(fair.utilisation).toBeGreaterThan(plain.utilisation * 0.95);
  expect(fair.breaches).toEqual([]);
}, 60_000);

it("the first in the line starts no later than it was told, when what others said of their length holds", () => {
  const jobs = syntheticLoad(5, 1, [demand("alder", CAPACITY, { classes: [["standard", 1]], backlog: 60 })]);
  const honest = jobs.map((job) => ({ ...job, estimate: { low: job.seconds, high: job.seconds } }));
  const promised = new Map<string, number>();
  const wasStarted = new Set<string>();
  const { fates } = simulate(world(), honest, ourAdmission, ({ now, holding }, { starts }) => {
    const begun = new Set(starts.map(({ id }) => id));
    const first = honest.find(({ id, arrivesAt }) => arrivesAt * 1000 <= now && !begun.has(id) && !wasStarted.has(id));
    for (const id of begun) wasStarted.add(id);
    if (first === undefined) return;
    const ends = [
      ...holding.map((run) => ({
        at: now + (run.remainingSeconds?.high ?? 0) * 1000,
        units: run.resources.nodes * run.resources.gpusPerNode,
      })),
      ...honest
        .filter(({ id }) => begun.has(id))
        .map(({ seconds, resources }) => ({ at: now + seconds * 1000, units: resources.nodes * resources.gpusPerNode })),
    ].sort((a, b) => a.at - b.at);
    const left = (at: number): number => 32 - ends.filter((one) => one.at > at).reduce((sum, { units }) => sum + units, 0);
    const wanted = first.resources.nodes * first.resources.gpusPerNode;
    const start = ends.find(({ at }) => left(at) >= wanted)?.at ?? now;
    promised.set(first.id, Math.min(promised.get(first.id) ?? Number.POSITIVE_INFINITY, start / 1000));
  });
  expect(promised.size).toBeGreaterThan(10);
  for (const { job, startedAt } of fates) {
    const told = promised.get(job.id);
    // A pass comes every two minutes, and what saves has two minutes to do so.
    if (told !== undefined && told < DAY - 300) expect((startedAt ?? Number.POSITIVE_INFINITY) - told).toBeLessThanOrEqual(240);
  }
}, 60_000);

it("a campaign of any size leaves the daily work its floor and its short waits", () => {
  const daily = [demand("alder", 0.2 * CAPACITY, { backlog: 0, classes: [["standard", 1]] })];
  const jobs = [
    ...syntheticLoad(9, 1, daily),
    ...campaign(9, 0, 600, { institution: "birch", tier: "institution", sizes: COMMON_SIZES, median: 3600, sigma: 0.5 }),
  ].sort((a, b) => a.arrivesAt - b.arrivesAt);
  const floors = [{ tier: "institution" as const, share: 0.25, cluster: null }];
  const { fates, breaches, utilisation } = simulate(world({ floors }), jobs, ourAdmission);
  expect(breaches).toEqual([]);
  const waits = fates.filter(({ job }) => job.institution === "alder").map(({ job, startedAt }) => (startedAt ?? DAY) - job.arrivesAt);
  expect(Math.max(...waits)).toBeLessThan(2 * 3600);
  expect(utilisation).toBeGreaterThan(0.7);
}, 60_000);

it("what is put back loses nothing that it did, goes before what came later, and keeps to the most times it may be", () => {
  const jobs = [
    ...campaign(4, 0, 60, { institution: "birch", tier: "institution", sizes: COMMON_SIZES, median: 7200, sigma: 0.3 }),
    ...syntheticLoad(4, 1, [demand("alder", 0.5 * CAPACITY, { backlog: 0, classes: [["standard", 1]] })]),
  ].sort((a, b) => a.arrivesAt - b.arrivesAt);
  const { fates } = simulate(world({ untilSeconds: 4 * DAY }), jobs, ourAdmission);
  expect(fates.some(({ preemptions }) => preemptions > 0)).toBe(true);
  for (const { job, startedAt, endedAt, preemptions } of fates) {
    expect(endedAt).not.toBeNull();
    expect((endedAt ?? 0) - (startedAt ?? 0)).toBeGreaterThanOrEqual(job.seconds - 1);
    expect(preemptions).toBeLessThanOrEqual(3);
  }
}, 60_000);
