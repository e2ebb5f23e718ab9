import { aDataset, aModel, conformance, gateFacts, gateResults } from "@ziggurat/pyramid";
import { describe, expect, it } from "vitest";
import { financePolicy } from "./policy.js";

it.each(conformance)("finance: $guarantee", ({ problems }) => {
  expect(problems(financePolicy)).toEqual([]);
});

it("never learns from an institution's data", () => {
  expect(financePolicy.data(aDataset(), aModel({ tier: "finance" }))).toContain("institution's data");
  expect(financePolicy.data(aDataset({ owner: "platform" }), aModel({ tier: "finance" }))).toBeNull();
});

describe("release of a finance model", () => {
  const text = (dataset: string, perplexity: number) => ({ dataset, datasetSha256: dataset, exactMatch: null, perplexity });
  const scored = (finance: number, general: number) => [text("finance/held-out@1", finance), text("foundation/held-out@1", general)];
  const reference = { ref: "foundation/base@1", scores: scored(20, 10) };
  const verdicts = (facts: Parameters<typeof gateFacts>[0]) =>
    Object.fromEntries(gateResults(financePolicy, gateFacts(facts)).map(({ gate, verdict }) => [gate, verdict]));

  it("passes when it is better at finance and has not forgotten", () => {
    expect(verdicts({ scores: scored(15, 12.5), reference })).toEqual({
      finance_perplexity: "passed",
      general_perplexity: "passed",
      evaluation: "passed",
      ancestry: "passed",
      remote_code: "passed",
    });
  });

  it("fails when it is no better at finance than its parent", () => {
    expect(verdicts({ scores: scored(20, 10), reference }).finance_perplexity).toBe("failed");
  });

  it("fails when it has forgotten general text", () => {
    expect(verdicts({ scores: scored(15, 12.51), reference }).general_perplexity).toBe("failed");
  });

  it("is open while either side is not scored on the same data", () => {
    expect(verdicts({ scores: scored(15, 12) }).finance_perplexity).toBe("missing");
    const other = { ref: "foundation/base@1", scores: [text("finance/other@1", 20)] };
    expect(verdicts({ scores: scored(15, 12), reference: other })).toMatchObject({
      finance_perplexity: "missing",
      general_perplexity: "missing",
    });
  });

  it("compares the same bytes only, not merely the same name", () => {
    const renamed = { ref: "foundation/base@1", scores: reference.scores.map((score) => ({ ...score, datasetSha256: "other" })) };
    expect(verdicts({ scores: scored(15, 12), reference: renamed }).finance_perplexity).toBe("missing");
  });

  it("is decided by the worst of several datasets", () => {
    const scores = [...scored(15, 12), text("finance/hard@1", 30)];
    const parent = { ...reference, scores: [...reference.scores, text("finance/hard@1", 25)] };
    expect(verdicts({ scores, reference: parent }).finance_perplexity).toBe("failed");
  });

  it("shows the numbers behind the verdict", () => {
    const [gate] = gateResults(financePolicy, gateFacts({ scores: scored(15, 12), reference }));
    expect(gate).toMatchObject({
      value: 15,
      reference: 20,
      limit: 1,
      detail: "0.750 times the perplexity of foundation/base@1 on finance/held-out@1",
    });
  });
});
