import { Estimate } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { estimateRun, parametersOf, type RunFacts } from "./estimate-run.js";

const facts = (over: Partial<RunFacts> = {}): RunFacts => ({
  kind: "tune",
  method: "full",
  parameters: 2_000_000,
  characters: 100_000,
  rows: 1000,
  epochs: 2,
  maxSteps: null,
  batchSize: 8,
  sequenceLength: 64,
  recent: [],
  ...over,
});

describe("estimate", () => {
  it("fits the contract and says what it stands on", () => {
    const estimate = Estimate.parse(estimateRun(facts()));
    expect(estimate.tokens).toBe(100_000);
    expect(estimate.basis).toContain("no run was measured");
    expect(estimate.seconds.low).toBeLessThan(estimate.seconds.high);
  });

  it("grows with epochs and with the size of the model", () => {
    expect(estimateRun(facts({ epochs: 4 })).seconds.low).toBeGreaterThan(estimateRun(facts()).seconds.low);
    expect(estimateRun(facts({ parameters: 20_000_000 })).seconds.low).toBeGreaterThan(estimateRun(facts()).seconds.low);
    expect(estimateRun(facts({ method: "lora" })).memoryBytes).toBeLessThan(estimateRun(facts()).memoryBytes);
  });

  it("takes the step limit where that is reached before the epochs are", () => {
    expect(estimateRun(facts({ maxSteps: 10 })).tokens).toBe(10 * 8 * 64);
  });

  it("goes by the runs measured here, and is narrower then", () => {
    const recent = [1000, 2000, 4000].map((tokensPerSecond) => ({ tokensPerSecond, parameters: 2_000_000 }));
    const measured = estimateRun(facts({ recent }));
    expect(measured.basis).toContain("2000 tokens/s, the median of 3 measured runs");
    expect(measured.seconds.high / measured.seconds.low).toBeLessThan(estimateRun(facts()).seconds.high / estimateRun(facts()).seconds.low);
  });

  it("counts the parameters of a small Qwen3 as its own formula does", () => {
    const shape = { hiddenSize: 8, layers: 1, heads: 2, kvHeads: 1, headDim: 4, intermediateSize: 16, tieEmbeddings: true, vocabSize: 300 };
    const byHand = 300 * 8 + (8 * 8 + 8 * 4 + 8 * 4 + 8 * 8) + (4 + 4) + 3 * 8 * 16 + (8 + 8) + 8;
    expect(parametersOf(shape)).toBe(byHand);
    expect(parametersOf({ ...shape, tieEmbeddings: false })).toBe(byHand + 300 * 8);
  });
});
