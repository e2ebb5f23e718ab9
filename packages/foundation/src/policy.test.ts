import { aDataset, aModel, conformance, gateFacts, gateResults } from "@ziggurat/pyramid";
import { expect, it } from "vitest";
import { foundationPolicy } from "./policy.js";

it.each(conformance)("foundation: $guarantee", ({ problems }) => {
  expect(problems(foundationPolicy)).toEqual([]);
});

const score = { dataset: "foundation/general@1", datasetSha256: "aa", exactMatch: null, perplexity: 12 };
const verdicts = (facts: Parameters<typeof gateFacts>[0]) => gateResults(foundationPolicy, gateFacts(facts)).map(({ verdict }) => verdict);

it("is released with a licence and a score of its own", () => {
  expect(verdicts({ licence: "Apache-2.0", scores: [score] })).toEqual(["passed", "passed", "passed", "passed"]);
});

it("is not released without a licence, however good its score", () => {
  expect(verdicts({ scores: [score] })).toEqual(["missing", "passed", "passed", "passed"]);
});

it("is not released on a score over its own training data", () => {
  expect(verdicts({ licence: "Apache-2.0", scores: [score], trainedOn: ["aa"] })).toEqual(["passed", "missing", "passed", "passed"]);
});

it("is not released when its job's evaluation failed, until a later one makes it good", () => {
  const facts = { licence: "Apache-2.0", ordered: [score.dataset], evaluationFailed: true };
  expect(verdicts(facts)[1]).toBe("failed");
  expect(verdicts({ ...facts, scores: [score] })[1]).toBe("passed");
});

it("learns from the platform's data only", () => {
  expect(foundationPolicy.data(aDataset({ owner: "platform", ref: "foundation/general@1" }), aModel({ tier: "foundation" }))).toBeNull();
  expect(foundationPolicy.data(aDataset(), aModel({ tier: "foundation" }))).toContain("northbank/dialogues@1");
});
