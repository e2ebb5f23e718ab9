import { describe, expect, it } from "vitest";
import { aDataset, aModel, aRelease, aRequest } from "./builders.js";
import { checkTune } from "./check-tune.js";
import type { TuneClaim } from "./facts.js";
import { testPolicy } from "./test-policy.js";

const withMerge = { ...testPolicy, methods: ["lora", "full", "merge"] as const };
function ask(given: Partial<TuneClaim> = {}) {
  const datasets = new Map([aDataset(), aDataset({ ref: "northbank/held-out@1", sha256: "ef".repeat(32) })].map((d) => [d.ref, d]));
  const claim = { request: aRequest(), model: aModel(), parent: aRelease(), datasets, ...given };
  return checkTune(withMerge, claim).map(({ code, pointer }) => `${code} ${pointer}`);
}

describe("a request for a job", () => {
  it("passes when every rule holds", () => {
    expect(ask()).toEqual([]);
    expect(ask({ request: aRequest({ evaluateOn: ["northbank/held-out@1"] }) })).toEqual([]);
  });

  it("is answered with all its faults at once", () => {
    const request = aRequest({
      method: "continued",
      datasets: ["northbank/none@1", "southbank/calls@1"],
      hyperparameters: { learningRate: 3, magic: true },
    });
    const southbank = aDataset({ ref: "southbank/calls@1", owner: "southbank" });
    const parent = aRelease({ tier: "foundation", state: "sealed", artifactKind: "adapter" });
    expect(ask({ request, parent, datasets: new Map([[southbank.ref, southbank]]) })).toEqual([
      "method_kind /method",
      "parent_tier /parent",
      "parent_not_released /parent",
      "parent_artifact /parent",
      "dataset_unknown /datasets/0",
      "dataset_owner /datasets/1",
      "hyperparameter_range /hyperparameters/learningRate",
      "hyperparameter_unknown /hyperparameters/magic",
    ]);
  });

  it("tunes on dialogues only", () => {
    const text = aDataset({ ref: "northbank/words@1", format: "text" });
    const request = aRequest({ datasets: [text.ref] });
    expect(ask({ request, datasets: new Map([[text.ref, text]]) })).toEqual(["dataset_format /datasets/0"]);
  });

  it("names its method where the kind has several", () => {
    expect(ask({ request: aRequest({ method: undefined }) })).toEqual(["method_required /method"]);
  });

  it("answers alike for a parent that is absent and one that is another's", () => {
    expect(ask({ parent: null })).toEqual(["parent_unknown /parent"]);
  });

  it("refuses a withdrawn parent", () => {
    expect(ask({ parent: aRelease({ state: "recalled" }) })).toEqual(["parent_withdrawn /parent"]);
  });

  it("refuses a parent whose terms keep it out of the institution's region", () => {
    const parent = aRelease({ effectiveTerms: { commercialUse: true, redistribution: true, regions: ["hk"] } });
    expect(ask({ parent, model: aModel({ region: "sg" }) })).toEqual(["terms_region /parent"]);
    expect(ask({ parent, model: aModel({ region: "hk" }) })).toEqual([]);
  });

  it("refuses to hold out what it trains on, by name and by bytes", () => {
    expect(ask({ request: aRequest({ evaluateOn: ["northbank/dialogues@1"] }) })).toEqual(["not_held_out /evaluateOn/0"]);
    const copy = aDataset({ ref: "northbank/copy@1" });
    const request = aRequest({ evaluateOn: [copy.ref] });
    expect(ask({ request, datasets: new Map([aDataset(), copy].map((d) => [d.ref, d])) })).toEqual(["not_held_out /evaluateOn/0"]);
  });

  it("takes no datasets for a merge and at least one for everything else", () => {
    const adapter = aRelease({ tier: "institution", state: "sealed", artifactKind: "adapter" });
    const merge = { kind: "merge", method: undefined, parent: adapter.ref, hyperparameters: {} } as const;
    expect(ask({ request: aRequest({ ...merge, datasets: [] }), parent: adapter })).toEqual([]);
    expect(ask({ request: aRequest(merge), parent: adapter })).toEqual(["dataset_forbidden /datasets"]);
    expect(ask({ request: aRequest({ datasets: [] }) })).toEqual(["dataset_required /datasets"]);
  });

  it("merges only adapters of the same model", () => {
    const request = aRequest({ kind: "merge", method: "merge", datasets: [] });
    expect(ask({ request })).toEqual(["parent_artifact /parent", "parent_line /parent"]);
  });

  it("scores the model's own sealed versions and the releases it could derive from", () => {
    const request = aRequest({ kind: "evaluate", method: "evaluate", hyperparameters: {} });
    expect(ask({ request, parent: aRelease({ tier: "institution", state: "sealed" }) })).toEqual([]);
    expect(ask({ request })).toEqual([]);
    expect(ask({ request, parent: aRelease({ state: "sealed" }) })).toEqual(["parent_not_released /parent"]);
    expect(ask({ request, parent: aRelease({ tier: "foundation" }) })).toEqual(["parent_tier /parent"]);
  });
});
