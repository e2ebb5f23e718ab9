import { expect, it } from "vitest";
import { checkHyperparameters } from "./check-hyperparameters.js";

it("answers every broken hyperparameter at once, with the range and a pointer", () => {
  const checked = checkHyperparameters("lora", { learningRate: 5, epochs: "two", rank: 0, schedule: "zigzag", momentum: 0.9 });
  expect(checked).toEqual({
    ok: false,
    violations: [
      { code: "hyperparameter_range", detail: "learningRate must be above 0 and at most 0.1", pointer: "/hyperparameters/learningRate" },
      { code: "hyperparameter_invalid", detail: "epochs must be at least 1 and at most 100", pointer: "/hyperparameters/epochs" },
      {
        code: "hyperparameter_invalid",
        detail: "schedule must be one of one_cycle, cosine, linear, constant",
        pointer: "/hyperparameters/schedule",
      },
      { code: "hyperparameter_range", detail: "rank must be at least 1 and at most 512", pointer: "/hyperparameters/rank" },
      expect.objectContaining({ code: "hyperparameter_unknown", pointer: "/hyperparameters/momentum" }),
    ],
  });
});

it("points into nested hyperparameters and names what is missing", () => {
  const checked = checkHyperparameters("pretrain", {
    learningRate: 0.001,
    vocabSize: 2000,
    architecture: { hiddenSize: 1, kvHeads: 2, shape: 1 },
  });
  const codes = checked.ok ? [] : checked.violations.map(({ code, pointer }) => `${code} ${pointer}`);
  expect(codes).toContain("hyperparameter_range /hyperparameters/architecture/hiddenSize");
  expect(codes).toContain("hyperparameter_missing /hyperparameters/architecture/layers");
  expect(codes).toContain("hyperparameter_unknown /hyperparameters/architecture/shape");
});

it("fills the contract's defaults into valid hyperparameters", () => {
  expect(checkHyperparameters("full", { learningRate: 0.001 })).toMatchObject({ ok: true, values: { learningRate: 0.001, batchSize: 32 } });
});
