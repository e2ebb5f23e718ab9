import { PRIORITY_CLASSES, TIERS, WaitReason } from "@ziggurat/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aGpuCluster, aHolding, aPool, aWaiting, gpus, started } from "../../test/builders.js";
import { amountOn, placesOnly, totalOf } from "../placement/cluster-state.js";
import { breachesOf } from "../simulator/breaches.js";
import { admit } from "./admit.js";
import type { Pass } from "./decision.js";
import { reasonsOf } from "./reasons.js";
import { aSituation, DEFAULT_RULES, type Holding, plannedSeconds, type Situation, type Waiting } from "./situation.js";

const NOW = 1_000_000_000_000;
const institutions = ["alder", "birch", "cedar"] as const;
const someone = fc.constantFrom(...institutions);
const asked = fc.oneof(
  fc.record({ each: fc.integer({ min: 1, max: 8 }), nodes: fc.integer({ min: 1, max: 3 }) }).map(({ each, nodes }) => gpus(each, nodes)),
  fc.constant(gpus(0)),
);

const jobs = fc.array(
  fc.record({
    institution: someone,
    tier: fc.constantFrom(...TIERS),
    priority: fc.constantFrom(...PRIORITY_CLASSES),
    resources: asked,
    age: fc.integer({ min: 0, max: 400_000 }),
    seconds: fc.option(fc.integer({ min: 1, max: 5000 }), { nil: null }),
  }),
  { maxLength: 25 },
);
const runs = fc.array(
  fc.record({
    institution: someone,
    tier: fc.constantFrom(...TIERS),
    priority: fc.constantFrom(...PRIORITY_CLASSES),
    resources: asked,
    ran: fc.integer({ min: 0, max: 5000 }),
    left: fc.integer({ min: 0, max: 5000 }),
    isPreemptible: fc.boolean(),
    isYielding: fc.boolean(),
  }),
  { maxLength: 12 },
);

/** A situation in which what runs already fits. */
const situations = fc
  .record({
    jobs,
    runs,
    nodes: fc.integer({ min: 1, max: 5 }),
    second: fc.option(fc.integer({ min: 1, max: 3 }), { nil: null }),
    places: fc.integer({ min: 0, max: 4 }),
    floors: fc.array(fc.record({ tier: fc.constantFrom(...TIERS), share: fc.constantFrom(0, 0.1, 0.25) }), { maxLength: 2 }),
    reserved: fc.option(
      fc.record({ institution: someone, units: fc.integer({ min: 1, max: 8 }), from: fc.integer({ min: -3000, max: 3000 }) }),
      { nil: null },
    ),
    limits: fc.dictionary(someone, fc.record({ places: fc.integer({ min: 0, max: 12 }), mayBorrow: fc.boolean() })),
  })
  .map((made): Situation => {
    const second = made.second === null ? [] : [aGpuCluster("gpu-two", [aPool(made.second, 8)], { keepsQueue: false })];
    const clusters = [aGpuCluster("gpu", [aPool(made.nodes, 8)]), placesOnly("local", made.places), ...second];
    const waiting = made.jobs.map((job, index) =>
      aWaiting(`job-${index}`, NOW - job.age * 1000, {
        ...job,
        seconds: job.seconds === null ? null : { low: job.seconds, high: job.seconds * 2 },
      }),
    );
    const free = new Map(clusters.map(({ name, pools: [pool] }) => [name, pool === undefined ? 0 : totalOf(pool).units]));
    const holding = made.runs.flatMap((run, index): Holding[] => {
      const cluster = run.resources.gpusPerNode > 0 ? "gpu" : "local";
      const units = run.resources.nodes * Math.max(1, run.resources.gpusPerNode);
      if (run.resources.nodes > made.nodes || units > (free.get(cluster) ?? 0)) return [];
      free.set(cluster, (free.get(cluster) ?? 0) - units);
      const [pool] = clusters.find(({ name }) => name === cluster)?.pools ?? [];
      const remainingSeconds = { low: run.left, high: run.left };
      return [aHolding(`run-${index}`, { ...run, cluster, pool: pool?.name ?? null, startedAt: NOW - run.ran * 1000, remainingSeconds })];
    });
    const reservations =
      made.reserved === null
        ? []
        : [
            {
              ...{ id: "res", tier: null, cluster: "gpu", pool: "h100", institution: made.reserved.institution },
              units: Math.min(made.reserved.units, made.nodes * 8),
              from: NOW + made.reserved.from * 1000,
              until: NOW + made.reserved.from * 1000 + 3_600_000,
            },
          ];
    const floors = made.floors.map((floor) => ({ ...floor, cluster: null }));
    return aSituation({ now: NOW, clusters, waiting, holding, floors, reservations, limits: new Map(Object.entries(made.limits)) });
  });

/** What runs after the pass, with what was started. */
function after(situation: Situation, pass: Pass): Situation {
  const begun = pass.decisions.flatMap(({ job, start }): Holding[] =>
    start === null
      ? []
      : [aHolding(job.id, { ...job, ...start, startedAt: NOW, remainingSeconds: job.seconds, isPreemptible: false, isYielding: false })],
  );
  return { ...situation, holding: [...situation.holding, ...begun] };
}

const check = (property: (situation: Situation, pass: Pass) => void): void =>
  fc.assert(
    fc.property(situations, (situation) => property(situation, admit(situation))),
    { numRuns: 6000 },
  );

describe("whatever waits and runs", () => {
  it("never takes more than there is, and takes a gang whole or not at all", () => {
    check((situation, pass) => {
      expect(breachesOf(after(situation, pass), NOW).filter(({ kind }) => kind === "capacity")).toEqual([]);
      for (const { job, start } of pass.decisions) {
        if (start === null) continue;
        const cluster = situation.clusters.find(({ name }) => name === start.cluster);
        const pool = cluster?.pools.find(({ name }) => name === start.pool);
        expect(pool !== undefined && (job.resources.nodes === 1 || (cluster?.placesGangs ?? false))).toBe(true);
      }
    });
  });

  it("never takes what is kept for a floor or for a reservation", () => {
    check((situation, pass) => {
      const kept = ({ kind }: { kind: string }): boolean => kind !== "capacity";
      const before = breachesOf(situation, NOW).filter(kept).length;
      if (before === 0) expect(breachesOf(after(situation, pass), NOW).filter(kept)).toEqual([]);
    });
  });

  it("keeps a reservation that begins later free of what will not have ended", () => {
    check((situation, pass) => {
      const [reservation] = situation.reservations;
      if (reservation === undefined || reservation.from <= NOW) return;
      const late = (run: { readonly id: string }): boolean => {
        const job = situation.waiting.find(({ id }) => id === run.id);
        const end = job === undefined ? 0 : NOW + plannedSeconds(job, situation.rules) * 1000;
        return end > reservation.from && job?.institution !== reservation.institution;
      };
      const begun = pass.decisions.filter(({ job, start }) => start?.cluster === "gpu" && late(job));
      const units = begun.reduce((sum, { job }) => sum + amountOn(aPool(1, 8), job.resources).units, 0);
      const [pool] = situation.clusters[0]?.pools ?? [];
      expect(units).toBeLessThanOrEqual((pool === undefined ? 0 : totalOf(pool).units) - reservation.units);
    });
  });

  it("decides the same whatever the order of reading", () => {
    fc.assert(
      fc.property(situations, fc.integer(), (situation, seed) => {
        const shuffled = <T>(items: readonly T[]): T[] =>
          items
            .map((item, index) => ({ item, at: Math.imul(index + 1, seed | 1) }))
            .sort((a, b) => a.at - b.at)
            .map(({ item }) => item);
        const { waiting, holding, clusters, floors } = situation;
        const mixed = {
          ...situation,
          waiting: shuffled(waiting),
          holding: shuffled(holding),
          clusters: shuffled(clusters),
          floors: shuffled(floors),
        };
        const told = ({ decisions, yields }: Pass) => ({
          decided: decisions.map(({ job, start, block, position }) => [job.id, start?.cluster, block?.kind, position]),
          yields: yields.map(({ runId, kind }) => [runId, kind]).sort(),
        });
        expect(told(admit(mixed))).toEqual(told(admit(situation)));
      }),
      { numRuns: 6000 },
    );
  });

  it("tells every job that does not start why, in the contract's shape, and names nobody else", () => {
    check((situation, pass) => {
      expect(pass.decisions.map(({ job }) => job.id).sort()).toEqual(situation.waiting.map(({ id }) => id).sort());
      for (const decision of pass.decisions) {
        const reasons = reasonsOf(decision);
        expect(reasons.length > 0).toBe(decision.start === null);
        for (const reason of reasons) WaitReason.parse(reason);
        const text = JSON.stringify(reasons);
        for (const other of institutions) expect(text).not.toContain(other);
        for (const run of situation.holding) expect(text).not.toContain(run.id);
      }
    });
  });

  it("starts nothing above a limit that may not be borrowed beyond", () => {
    check((situation, pass) => {
      for (const [institution, { places, mayBorrow }] of situation.limits) {
        const units = (some: readonly (Waiting | Holding)[]): number =>
          some
            .filter((one) => one.institution === institution)
            .reduce((sum, { resources }) => sum + resources.nodes * Math.max(1, resources.gpusPerNode), 0);
        const begun = pass.decisions.flatMap(({ job, start }) => (start === null ? [] : [job]));
        if (!mayBorrow && units(begun) > 0) expect(units(situation.holding) + units(begun)).toBeLessThanOrEqual(places);
      }
    });
  });

  it("asks only those to yield that can be saved, had their time, and hold what is wanted", () => {
    check((situation, pass) => {
      for (const { runId, jobId } of pass.yields) {
        const run = situation.holding.find(({ id }) => id === runId);
        expect(run).toMatchObject({ isPreemptible: true, isYielding: false });
        expect(NOW - (run?.startedAt ?? NOW)).toBeGreaterThanOrEqual(DEFAULT_RULES.minRunSeconds * 1000);
        expect(pass.decisions.find(({ job }) => job.id === jobId)?.block?.kind).toBe("yielding");
      }
      expect(new Set(pass.yields.map(({ runId }) => runId)).size).toBe(pass.yields.length);
    });
  });
});

/** When a gang of so many units finds room, from what runs alone: counted anew, without the ledger. */
function earliest(total: number, running: readonly { readonly units: number; readonly endsAt: number }[], units: number): number {
  const ends = [NOW, ...running.map(({ endsAt }) => endsAt)].sort((a, b) => a - b);
  const free = (at: number): number => total - running.filter(({ endsAt }) => endsAt > at).reduce((sum, run) => sum + run.units, 0);
  return ends.find((at) => free(at) >= units) ?? Number.POSITIVE_INFINITY;
}

it("back-fill never delays the first that found no room", () => {
  fc.assert(
    fc.property(
      situations.map((situation) => ({
        ...situation,
        clusters: situation.clusters.filter(({ name }) => name !== "gpu-two"),
        ...{ floors: [], reservations: [], limits: new Map() },
      })),
      (situation) => {
        const pass = admit({ ...situation, rules: { ...situation.rules, maxYields: 0 } });
        const [pool] = situation.clusters[0]?.pools ?? [];
        const total = pool === undefined ? 0 : totalOf(pool).units;
        const at = pass.decisions.findIndex(({ job, block }) => block?.kind === "room" && job.resources.gpusPerNode > 0);
        const head = pass.decisions[at]?.job;
        if (head === undefined) return;
        const soon = NOW + situation.rules.yieldSeconds * 1000;
        const running = situation.holding
          .filter(({ cluster }) => cluster === "gpu")
          .map((run) => ({
            units: run.resources.nodes * run.resources.gpusPerNode,
            endsAt: run.isYielding ? soon : Math.max(soon, NOW + (run.remainingSeconds?.high ?? 0) * 1000),
          }));
        const begun = (decisions: Pass["decisions"]) =>
          decisions
            .filter(({ start }) => start?.cluster === "gpu")
            .map(({ job }) => ({
              units: job.resources.nodes * job.resources.gpusPerNode,
              endsAt: NOW + plannedSeconds(job, situation.rules) * 1000,
            }));
        const units = head.resources.nodes * head.resources.gpusPerNode;
        const promised = earliest(total, [...running, ...begun(pass.decisions.slice(0, at))], units);
        expect(earliest(total, [...running, ...begun(pass.decisions)], units)).toBeLessThanOrEqual(promised);
        expect(started(pass)).not.toContain(head.id);
      },
    ),
    { numRuns: 600 },
  );
});
