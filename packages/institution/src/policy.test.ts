import { aDataset, aModel, aRelease, aRequest, checkTune, conformance, gateFacts, gateResults } from "@ziggurat/pyramid";
import { describe, expect, it } from "vitest";
import { institutionPolicy, institutionPolicyWith } from "./policy.js";

it.each(conformance)("institution: $guarantee", ({ problems }) => {
  expect(problems(institutionPolicy)).toEqual([]);
});

describe("a tune job of an institution", () => {
  const own = new Map([["northbank/dialogues@1", aDataset()]]);
  const codes = (method: "lora" | "full", parent = aRelease(), policy = institutionPolicy) =>
    checkTune(policy, { request: aRequest({ method }), model: aModel(), parent, datasets: own }).map(({ code }) => code);

  it("refuses to tune an institution model straight from the foundation tier", () => {
    expect(codes("lora", aRelease({ tier: "foundation" }))).toEqual(["parent_tier"]);
  });

  it("tunes bases up to the configured size fully, larger ones by adapter only", () => {
    const large = aRelease({ parameters: 50_000_001 });
    expect(codes("full", aRelease({ parameters: 50_000_000 }))).toEqual([]);
    expect(codes("full", large)).toEqual(["full_tune_size"]);
    expect(codes("lora", large)).toEqual([]);
    expect(codes("full", large, institutionPolicyWith(100_000_000))).toEqual([]);
  });

  it("does not tune a base of unknown size fully", () => {
    expect(codes("full", aRelease({ parameters: null }))).toEqual(["base_size_unknown"]);
  });

  it("refuses a base whose terms forbid commercial use", () => {
    const terms = { commercialUse: false, redistribution: true, regions: [] };
    expect(codes("lora", aRelease({ effectiveTerms: terms }))).toEqual(["terms_commercial"]);
  });

  it("uses the institution's own data only, not even the platform's", () => {
    expect(institutionPolicy.data(aDataset({ owner: "platform" }), aModel())).toContain("own data only");
    expect(institutionPolicy.data(aDataset(), aModel())).toBeNull();
  });
});

describe("release of a task model", () => {
  const chat = (dataset: string, exactMatch: number) => ({ dataset, datasetSha256: dataset, exactMatch, perplexity: null });
  const reference = { ref: "finance/base@1", scores: [chat("northbank/held-out@1", 0.1)] };
  const gate = (facts: Parameters<typeof gateFacts>[0]) => gateResults(institutionPolicy, gateFacts(facts))[0];

  it("passes when it beats its parent on the same held-out rows", () => {
    expect(gate({ scores: [chat("northbank/held-out@1", 0.9)], reference })).toMatchObject({
      verdict: "passed",
      value: 0.9,
      reference: 0.1,
    });
  });

  it("fails when it is only as good as its parent", () => {
    expect(gate({ scores: [chat("northbank/held-out@1", 0.1)], reference })?.verdict).toBe("failed");
  });

  it("fails when it loses on one of several datasets", () => {
    const scores = [chat("northbank/held-out@1", 0.9), chat("northbank/hard@1", 0.2)];
    expect(gate({ scores, reference: { ...reference, scores: [...reference.scores, chat("northbank/hard@1", 0.3)] } })?.verdict).toBe(
      "failed",
    );
  });

  it("is open while the parent is not scored on the same rows, or it was trained on them", () => {
    const scores = [chat("northbank/held-out@1", 0.9)];
    expect(gate({ scores })?.verdict).toBe("missing");
    expect(gate({ scores, reference: { ...reference, scores: [] } })?.verdict).toBe("missing");
    expect(gate({ scores, reference, trainedOn: ["northbank/held-out@1"] })?.verdict).toBe("missing");
  });
});
