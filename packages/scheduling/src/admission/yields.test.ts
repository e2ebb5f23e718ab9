import { describe, expect, it } from "vitest";
import { accounts, aGpuCluster, aHolding, aPool, aWaiting, gpus, started, yielding } from "../../test/builders.js";
import { placesOnly } from "../placement/cluster-state.js";
import { admit } from "./admit.js";
import { reasonsOf } from "./reasons.js";
import { aSituation, DEFAULT_RULES, type Holding, type Situation } from "./situation.js";

const NOW = 100_000_000;
const HOUR = 3_600_000;
const longAgo = { waitingSince: NOW - HOUR };
const bulk = (id: string, more: Partial<Holding> = {}) =>
  aHolding(id, { institution: "south", priority: "bulk", startedAt: NOW - HOUR, remainingSeconds: { low: 9000, high: 9000 }, ...more });
const on = (places: number, more: Partial<Situation>) =>
  admit(aSituation({ now: NOW, clusters: [placesOnly("local", places)], accounts: accounts({ north: 1, south: 1 }), ...more }));

describe("making room", () => {
  it("asks bulk to save and stop for work that has waited long enough, and tells the job so", () => {
    const pass = on(2, { holding: [bulk("r1"), bulk("r2")], waiting: [aWaiting("a", NOW - HOUR, longAgo)] });
    expect(pass.yields).toEqual([{ runId: expect.any(String), kind: "class", jobId: "a" }]);
    expect(started(pass)).toEqual([]);
    expect(pass.decisions.flatMap(reasonsOf)).toMatchObject([{ code: "yielding", until: new Date(NOW + 120_000).toISOString() }]);
    const patient = on(2, { holding: [bulk("r1"), bulk("r2")], waiting: [aWaiting("a", NOW - 1000)] });
    expect(patient.yields).toEqual([]);
  });

  it("takes the cheapest first: the lowest class, then the least lost since it last saved", () => {
    const holding = [
      bulk("standard", { priority: "standard", checkpointAt: NOW }),
      bulk("old-save", { checkpointAt: NOW - HOUR / 2 }),
      bulk("new-save", { checkpointAt: NOW - 60_000 }),
      bulk("no-save"),
    ];
    expect(yielding(on(4, { holding, waiting: [aWaiting("a", NOW - HOUR, longAgo)] }))).toEqual(["new-save"]);
    const [first, second] = [aWaiting("a", NOW - HOUR, longAgo), aWaiting("b", NOW - HOUR + 1, longAgo)];
    expect(yielding(on(4, { holding, waiting: [first, second] }))).toEqual(["new-save", "old-save"]);
  });

  it("leaves alone what has not had its time, what cannot be saved, and what was put back often enough", () => {
    const holding = [
      bulk("young", { startedAt: NOW - 60_000 }),
      bulk("unsaved", { isPreemptible: false }),
      bulk("often", { preemptions: DEFAULT_RULES.maxPreemptions }),
    ];
    const pass = on(3, { holding, waiting: [aWaiting("a", NOW - HOUR, longAgo)] });
    expect(pass.yields).toEqual([]);
    expect(pass.decisions.flatMap(reasonsOf)).toMatchObject([{ code: "capacity" }]);
  });

  it("does not ask twice for the same room", () => {
    const holding = [bulk("r1", { isYielding: true }), bulk("r2")];
    const pass = on(2, { holding, waiting: [aWaiting("a", NOW - HOUR, longAgo)] });
    expect(pass.yields).toEqual([]);
    expect(pass.decisions.flatMap(reasonsOf)).toMatchObject([{ code: "yielding" }]);
    const two = on(2, { holding, waiting: [aWaiting("a", NOW - HOUR, longAgo), aWaiting("b", NOW - HOUR, longAgo)] });
    expect(yielding(two)).toEqual(["r2"]);
  });

  it("takes nothing from an institution that has had less, and nothing of the same or a higher class", () => {
    const rich = new Map([["north", { weight: 1, average: new Map([["place", 2]]) }]]);
    const pass = on(2, { holding: [bulk("r1"), bulk("r2")], waiting: [aWaiting("a", NOW - HOUR, longAgo)], accounts: rich });
    expect(pass.yields).toHaveLength(1);
    const richer = new Map([["north", { weight: 0.1, average: new Map([["place", 2]]) }]]);
    expect(on(2, { holding: [bulk("r1")], waiting: [aWaiting("a", NOW, longAgo)], accounts: richer }).yields).toEqual([]);
    const same = on(1, { holding: [bulk("r1", { priority: "standard" })], waiting: [aWaiting("a", NOW, longAgo)] });
    expect(same.yields).toEqual([]);
    const own = on(1, { holding: [bulk("r1", { institution: "north" })], waiting: [aWaiting("a", NOW, longAgo)], accounts: richer });
    expect(own.yields).toHaveLength(1);
  });

  it("makes room for a gang whole, with no run more than it needs", () => {
    const on8 = (id: string, each: number, lost: number) =>
      bulk(id, { cluster: "gpu", pool: "h100", resources: gpus(each), checkpointAt: NOW - lost });
    const holding = [on8("one", 1, 1000), on8("two", 2, 2000), on8("five", 5, 3000), on8("eight", 8, 90_000)];
    const pass = admit(
      aSituation({
        now: NOW,
        clusters: [aGpuCluster("gpu", [aPool(2, 8)])],
        holding,
        waiting: [aWaiting("gang", NOW, { ...longAgo, resources: gpus(4, 2) })],
        accounts: accounts({ north: 1, south: 1 }),
      }),
    );
    expect(yielding(pass)).toEqual(["five", "one", "two"]);
    const smaller = admit(
      aSituation({
        now: NOW,
        clusters: [aGpuCluster("gpu", [aPool(2, 8)])],
        holding,
        waiting: [aWaiting("five", NOW, { ...longAgo, resources: gpus(5) })],
        accounts: accounts({ north: 1, south: 1 }),
      }),
    );
    expect(yielding(smaller)).toEqual(["five"]);
  });
});

describe("giving back", () => {
  const limits = new Map([["south", { places: 1, mayBorrow: true }]]);
  const lent = (id: string) => bulk(id, { priority: "standard" });

  it("takes what is borrowed, and no more than that, when somebody within theirs waits", () => {
    const holding = [lent("r1"), lent("r2"), lent("r3")];
    const waiting = ["a", "b", "c", "d"].map((id) => aWaiting(id, NOW, longAgo));
    const pass = on(3, { holding, waiting, limits });
    expect(pass.yields.map(({ kind }) => kind)).toEqual(["give_back", "give_back"]);
    expect(on(3, { holding: holding.slice(0, 1), waiting: [], limits }).yields).toEqual([]);
  });

  it("lends nothing to somebody above their limit for the sake of whom another would yield", () => {
    const holding = [bulk("r1", { institution: "north", priority: "standard" })];
    const waiting = [aWaiting("s", NOW, { ...longAgo, institution: "south" }), aWaiting("s2", NOW, { ...longAgo, institution: "south" })];
    expect(on(1, { holding, waiting, limits }).yields).toEqual([]);
  });
});

describe("what is kept for some", () => {
  it("is given back to a tier's daily work, and never to its bulk", () => {
    const holding = [bulk("r1", { tier: "finance", priority: "standard" }), bulk("r2", { tier: "finance", priority: "standard" })];
    const floors = [{ tier: "institution" as const, share: 0.5, cluster: null }];
    expect(on(2, { holding, floors, waiting: [aWaiting("a", NOW, longAgo)] }).yields).toMatchObject([{ kind: "floor", jobId: "a" }]);
    const campaign = on(2, { holding, floors, waiting: [aWaiting("a", NOW, { waitingSince: NOW - 2 * HOUR, priority: "bulk" })] });
    expect(campaign.yields).toEqual([]);
  });

  it("is given back to whom it is reserved for", () => {
    const reservations = [
      { id: "r", institution: "north", tier: null, cluster: "local", pool: "places", units: 1, from: NOW - 1, until: NOW + HOUR },
    ];
    const pass = on(1, { holding: [bulk("r1", { priority: "standard" })], reservations, waiting: [aWaiting("a", NOW, longAgo)] });
    expect(pass.yields).toMatchObject([{ kind: "reservation" }]);
  });

  it("is left free, with the reason and until when", () => {
    const floors = [{ tier: "foundation" as const, share: 1, cluster: null }];
    expect(on(2, { floors, waiting: [aWaiting("a", NOW)] }).decisions.flatMap(reasonsOf)).toMatchObject([{ code: "floor" }]);
    const reservations = [
      { id: "r", institution: "south", tier: null, cluster: "local", pool: "places", units: 2, from: NOW + 5000, until: NOW + HOUR },
    ];
    const pass = on(2, { reservations, waiting: [aWaiting("long", NOW), aWaiting("short", NOW + 1, { seconds: { low: 1, high: 4 } })] });
    expect(started(pass)).toEqual(["short"]);
    expect(pass.decisions.flatMap(reasonsOf)).toMatchObject([{ code: "reservation", until: new Date(NOW + HOUR).toISOString() }]);
  });
});

it("a run goes back to the line when its window closes, if it can be saved", () => {
  const window = { days: ["mon" as const], from: "00:00", until: "01:00", utcOffset: "+00:00" };
  const tuesday = Date.UTC(2026, 0, 6, 12);
  const holding = [bulk("outside", { window, startedAt: tuesday - HOUR }), bulk("unsaved", { window, isPreemptible: false }), bulk("free")];
  const pass = admit(aSituation({ now: tuesday, clusters: [placesOnly("local", 3)], holding }));
  expect(pass.yields).toEqual([{ runId: "outside", kind: "window", jobId: null }]);
});
