import { describe, expect, it } from "vitest";
import { accounts, aGpuCluster, aPool, aWaiting, resources, started } from "../../test/builders.js";
import { admit } from "../admission/admit.js";
import { aSituation, type Situation } from "../admission/situation.js";
import { placesOnly } from "../placement/cluster-state.js";
import { DecayedAverage, decayedWeight } from "./decayed-use.js";

/** How many jobs of each institution start. */
function counts(situation: Situation): Record<string, number> {
  const ids = started(admit(situation));
  const found: Record<string, number> = {};
  for (const id of ids) found[id.slice(0, 1)] = (found[id.slice(0, 1)] ?? 0) + 1;
  return found;
}
const many = (institution: string, count: number, more: Parameters<typeof aWaiting>[2] = {}) =>
  Array.from({ length: count }, (_, at) => aWaiting(`${institution}${String(at).padStart(3, "0")}`, at, { institution, ...more }));

describe("shares", () => {
  it("serve the paper's example: 9 CPUs and 18 GB, tasks of <1 CPU, 4 GB> and <3 CPUs, 1 GB>, give three to A and two to B", () => {
    const pool = aPool(1, 100, { name: "cpu", gpuType: null, cpusPerNode: 9, memoryMbPerNode: 18 });
    const waiting = [
      ...many("A", 9, { resources: resources({ cpusPerNode: 1, memoryMbPerNode: 4 }) }),
      ...many("B", 9, { resources: resources({ cpusPerNode: 3, memoryMbPerNode: 1 }) }),
    ];
    expect(counts(aSituation({ clusters: [aGpuCluster("cpu", [pool])], waiting }))).toEqual({ A: 3, B: 2 });
  });

  it("are as the weights, whoever asked first and for how much", () => {
    const waiting = [...many("A", 100), ...many("B", 100), ...many("C", 100)];
    const situation = aSituation({ clusters: [placesOnly("local", 60)], waiting, accounts: accounts({ A: 1, B: 2, C: 3 }) });
    expect(counts(situation)).toEqual({ A: 10, B: 20, C: 30 });
  });

  it("leave nothing idle when only one asks", () => {
    const situation = aSituation({ clusters: [placesOnly("local", 8)], waiting: many("A", 20), accounts: accounts({ A: 1, B: 9 }) });
    expect(counts(situation)).toEqual({ A: 8 });
  });

  it("remember what was had", () => {
    const had = (average: number) => new Map([["A", { weight: 1, average: new Map([["place", average]]) }]]);
    const waiting = [...many("A", 20), ...many("B", 20)];
    const on = (average: number) => counts(aSituation({ clusters: [placesOnly("local", 10)], waiting, accounts: had(average) }));
    expect(on(0)).toEqual({ A: 5, B: 5 });
    expect(on(6)).toEqual({ A: 2, B: 8 });
    expect(on(4)).toEqual({ A: 3, B: 7 });
  });

  it("give bulk its share, and no credit for an idle past", () => {
    const idle = new Map([["B", { weight: 1, average: new Map([["place", 5]]) }]]);
    const waiting = (priority: "bulk" | "standard") => [...many("A", 20, { priority }), ...many("B", 20)];
    const on = (priority: "bulk" | "standard") =>
      counts(aSituation({ clusters: [placesOnly("local", 10)], waiting: waiting(priority), accounts: idle }));
    expect(on("standard")).toEqual({ A: 7, B: 3 });
    expect(on("bulk").A).toBeLessThanOrEqual(5);
  });
});

describe("a decayed average", () => {
  it("is the same from spans as kept up to date, and comes to what is held all the time", () => {
    const [halfLife, now] = [100, 450];
    const kept = new DecayedAverage(0, halfLife);
    kept.set(4, 50);
    kept.set(1, 200);
    kept.set(0, 300);
    const spans = 4 * decayedWeight(50, 200, now, halfLife) + 1 * decayedWeight(200, 300, now, halfLife);
    expect(kept.of(now)).toBeCloseTo(spans, 10);
    const steady = new DecayedAverage(0, halfLife);
    steady.set(7, 0);
    expect(steady.of(5000)).toBeCloseTo(7, 5);
    expect(steady.of(halfLife)).toBeCloseTo(3.5, 10);
  });
});
