import { describe, expect, it } from "vitest";
import { aGpuCluster, aPool, aWaiting, gpus, resources } from "../../test/builders.js";
import { admit } from "../admission/admit.js";
import { reasonsOf } from "../admission/reasons.js";
import { aSituation } from "../admission/situation.js";
import { checkResources } from "./check-resources.js";
import { type ClusterState, placesOnly } from "./cluster-state.js";
import { matchClusters, type Wish } from "./match-clusters.js";

const gpu = (name: string, more: Partial<ClusterState> = {}, pool = aPool(4, 8)) => aGpuCluster(name, [pool], more);
const wish = (more: Partial<Wish> = {}): Wish => ({
  tier: "institution",
  resources: gpus(1),
  sensitivity: "confidential",
  region: null,
  gpuMemoryBytes: null,
  lastCluster: null,
  ...more,
});
const refusedBy = (one: Wish, cluster: ClusterState) => matchClusters(one, [cluster]).rejected.map(({ code }) => code);

describe("a cluster takes a job", () => {
  it("only of its tiers and data classes, in the region where the data stays", () => {
    expect(refusedBy(wish(), gpu("a", { tiers: ["finance"] }))).toEqual(["tier"]);
    expect(refusedBy(wish(), gpu("a", { sensitivities: ["public", "internal"] }))).toEqual(["data_class"]);
    expect(refusedBy(wish({ region: "CN-SH" }), gpu("a", { location: "CN-BJ" }))).toEqual(["location"]);
    expect(refusedBy(wish({ region: "CN-SH" }), gpu("a", { location: null }))).toEqual(["location"]);
    expect(refusedBy(wish({ region: "CN-SH" }), gpu("a", { location: "CN-SH" }))).toEqual([]);
    expect(refusedBy(wish({ region: "CN-SH", resources: gpus(0) }), placesOnly("local", 1))).toEqual([]);
  });

  it("only of a kind and size that it has, and several nodes only where they start together", () => {
    expect(refusedBy(wish(), placesOnly("local", 4))).toEqual(["gpu_type"]);
    expect(refusedBy(wish({ resources: gpus(0) }), gpu("a"))).toEqual(["gpu_type"]);
    expect(refusedBy(wish({ resources: gpus(1, 1, "a100") }), gpu("a"))).toEqual(["gpu_type"]);
    expect(refusedBy(wish({ resources: gpus(1, 1, "H100") }), gpu("a"))).toEqual([]);
    expect(refusedBy(wish({ resources: gpus(9) }), gpu("a"))).toEqual(["too_large"]);
    expect(refusedBy(wish({ resources: gpus(8, 5) }), gpu("a"))).toEqual(["too_large"]);
    expect(refusedBy(wish({ resources: gpus(8, 2) }), gpu("a", { placesGangs: false }))).toEqual(["gang"]);
    expect(refusedBy(wish({ gpuMemoryBytes: 90e9 }), gpu("a", {}, aPool(1, 8, { gpuMemoryBytes: 80e9 })))).toEqual(["gpu_memory"]);
  });

  it("only while it is healthy and takes work, and says what it would object to for good before that", () => {
    expect(refusedBy(wish(), gpu("a", { healthy: false, reason: "away" }))).toEqual(["unhealthy"]);
    expect(refusedBy(wish(), gpu("a", { drained: true }))).toEqual(["drained"]);
    expect(refusedBy(wish(), gpu("a", { drained: true, tiers: ["finance"] }))).toEqual(["tier"]);
  });

  it("where its checkpoints lie, and elsewhere only when that one cannot", () => {
    const clusters = [gpu("a"), gpu("b")];
    const stays = matchClusters(wish({ lastCluster: "b" }), clusters);
    expect(stays.usable.map(({ cluster }) => cluster.name)).toEqual(["b"]);
    expect(stays.rejected).toMatchObject([{ cluster: "a", code: "checkpoint" }]);
    const moves = matchClusters(wish({ lastCluster: "b" }), [gpu("a"), gpu("b", { drained: true })]);
    expect(moves.usable.map(({ cluster }) => cluster.name)).toEqual(["a"]);
  });
});

describe("the decision", () => {
  const placed = (clusters: readonly ClusterState[], more: Parameters<typeof aWaiting>[2] = {}) =>
    admit(aSituation({ clusters, waiting: [aWaiting("a", 0, { resources: gpus(8), ...more })] })).decisions[0];

  it("takes the cheapest with room, and stores why each of the others was not taken", () => {
    const start = placed([
      gpu("dear", { pricePerHour: 9 }),
      gpu("cheap", { pricePerHour: 3 }),
      gpu("away", { healthy: false, reason: "no answer" }),
      gpu("small", {}, aPool(4, 4)),
    ])?.start;
    expect(start?.placement).toEqual({
      cluster: "cheap",
      chosenBecause: "cheapest",
      rejected: [
        { cluster: "away", code: "unhealthy", detail: "no answer" },
        { cluster: "small", code: "too_large", detail: "8 GPUs on a node wanted, it has 4" },
        { cluster: "dear", code: "costlier", detail: "another costs less" },
      ],
    });
    expect(start).toMatchObject({ cluster: "cheap", pool: "h100", gpuType: "h100" });
  });

  it("takes the one with room, the emptier, the one with the checkpoints, the only one", () => {
    const none = aPool(1, 8, { unitsOut: 8 });
    expect(placed([gpu("a", {}, none), gpu("b")])?.start?.placement).toMatchObject({ cluster: "b", chosenBecause: "free" });
    const half = aPool(4, 8, { freeOnNodes: [8, 8, 8, 8] });
    expect(placed([gpu("a", {}, half), gpu("b", {}, aPool(8, 8))])?.start?.placement.chosenBecause).toBe("least_busy");
    expect(placed([gpu("a"), gpu("b")], { lastCluster: "b" })?.start?.placement).toMatchObject({
      cluster: "b",
      chosenBecause: "checkpoint",
    });
    expect(placed([gpu("a")])?.start?.placement.chosenBecause).toBe("only_match");
    const cpu = placed([gpu("a", { pricePerHour: 0 }, aPool(1, 8, { cpusPerNode: 8 })), placesOnly("local", 1, { pricePerHour: 5 })], {
      resources: resources(),
    });
    expect(cpu?.start?.cluster).toBe("local");
  });

  it("stays in the line with every objection where no cluster may take it, never silently elsewhere", () => {
    const decision = placed([gpu("a", { tiers: ["finance"] }), gpu("b", { sensitivities: ["public"] })]);
    expect(decision?.start).toBeNull();
    const reasons = decision === undefined ? [] : reasonsOf(decision);
    expect(reasons.map(({ code }) => code)).toEqual(["no_cluster", "tier", "data_class"]);
    const drained = placed([gpu("a", { tiers: ["finance"] }), gpu("b", { drained: true })]);
    expect(drained === undefined ? [] : reasonsOf(drained).map(({ code }) => code)).toEqual(["cluster_drained"]);
  });

  it("asks the engine's own nodes where it tells them: eight GPUs on two halves are not eight on one", () => {
    const halves = [gpu("a", {}, aPool(2, 8, { freeOnNodes: [4, 4] }))];
    expect(placed(halves)?.start).toBeNull();
    expect(placed(halves, { resources: gpus(4, 2) })?.start).not.toBeNull();
  });

  it("hands a part more than fits to an engine with a queue of its own, and nothing where room is kept for others", () => {
    const waiting = [1, 2, 3, 4, 5, 6].map((n) => aWaiting(`j${n}`, n, { resources: gpus(8) }));
    const on = (keepsQueue: boolean, floors: Parameters<typeof aSituation>[0]["floors"] = []) =>
      admit(aSituation({ clusters: [gpu("a", { keepsQueue })], waiting, floors })).decisions.filter(({ start }) => start !== null).length;
    expect([on(false), on(true)]).toEqual([4, 5]);
    expect(on(true, [{ tier: "finance", share: 0.25, cluster: null }])).toBe(3);
  });
});

describe("a request", () => {
  const clusters = [gpu("a"), gpu("b", { placesGangs: false }, aPool(64, 4, { name: "a100", gpuType: "a100" })), placesOnly("local", 2)];
  const check = (asked: ReturnType<typeof gpus>, priority: "standard" | "interactive" = "standard", maxSeconds?: number) =>
    checkResources({ priority, resources: asked, maxSeconds }, clusters).map(({ code, pointer }) => [code, pointer]);

  it("for more than any cluster has is refused with the field", () => {
    expect(check(gpus(8, 4))).toEqual([]);
    expect(check(gpus(9))).toEqual([["resources_gpus_per_node", "/resources/gpusPerNode"]]);
    expect(check(gpus(8, 5))).toEqual([["resources_nodes", "/resources/nodes"]]);
    expect(check(gpus(1, 1, "b200"))).toEqual([["resources_gpu_type", "/resources/gpuType"]]);
    expect(check(gpus(8, 1, "a100"))).toEqual([["resources_gpus_per_node", "/resources/gpusPerNode"]]);
    expect(check(resources({ gpuType: "h100" }))).toEqual([["resources_gpu_type", "/resources/gpuType"]]);
    expect(check(resources({ nodes: 2 }))).toEqual([["resources_nodes", "/resources/nodes"]]);
    const uneven = [gpu("a", {}, aPool(2, 8)), gpu("b", {}, aPool(9, 4))];
    expect(checkResources({ priority: "standard", resources: gpus(8, 9) }, uneven)).toMatchObject([{ code: "resources_combination" }]);
  });

  it("says what to ask for instead", () => {
    const [violation] = checkResources({ priority: "standard", resources: gpus(9) }, clusters);
    expect(violation?.detail).toBe("gpusPerNode: 9 wanted, no cluster has more than 8; ask for 8 or fewer");
    expect(checkResources({ priority: "standard", resources: gpus(1) }, [placesOnly("local", 2)])).toMatchObject([
      { code: "resources_gpus_per_node", detail: "no cluster has GPUs; ask for gpusPerNode 0" },
    ]);
    expect(checkResources({ priority: "standard", resources: resources() }, [])).toEqual([]);
  });

  it("for interactive work is short and small", () => {
    expect(check(gpus(1, 2), "interactive", 5 * 3600)).toEqual([
      ["interactive_nodes", "/resources/nodes"],
      ["interactive_seconds", "/maxSeconds"],
    ]);
    expect(check(gpus(1), "interactive")).toEqual([]);
  });
});
