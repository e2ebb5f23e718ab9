import type { CreateJobInput } from "@ziggurat/contracts";
import type { TaskMethod } from "./options.js";

/** Hyperparameters by which the demo trains; the figures behind them are in `demo/README.md`. */
export interface Recipe {
  readonly method: "pretrain" | "continued" | TaskMethod;
  readonly hyperparameters: NonNullable<CreateJobInput["hyperparameters"]>;
}

/** A Qwen3-shaped model near two million parameters. */
export const foundationRecipe: Recipe = {
  method: "pretrain",
  hyperparameters: {
    vocabSize: 3000,
    architecture: {
      hiddenSize: 160,
      layers: 5,
      heads: 5,
      kvHeads: 5,
      headDim: 32,
      intermediateSize: 480,
      tieEmbeddings: true,
      maxPositions: 1024,
    },
    epochs: 1,
    batchSize: 16,
    sequenceLength: 128,
    learningRate: 0.003,
  },
};

export const financeRecipe: Recipe = {
  method: "continued",
  hyperparameters: { epochs: 1, batchSize: 16, sequenceLength: 128, learningRate: 0.002 },
};

const generatedTasks: Readonly<Record<TaskMethod, Recipe>> = {
  full: { method: "full", hyperparameters: { epochs: 3, batchSize: 8, sequenceLength: 128, learningRate: 0.0015 } },
  lora: { method: "lora", hyperparameters: { epochs: 5, batchSize: 32, sequenceLength: 128, learningRate: 0.006, rank: 16, alpha: 32 } },
};

/** Real input has more labels and more ways to say them: more epochs, longer rows. */
const realTasks: Readonly<Record<TaskMethod, Recipe>> = {
  full: { method: "full", hyperparameters: { epochs: 6, batchSize: 32, sequenceLength: 256, learningRate: 0.0015 } },
  lora: { method: "lora", hyperparameters: { epochs: 6, batchSize: 32, sequenceLength: 256, learningRate: 0.006, rank: 32, alpha: 64 } },
};

export function taskRecipe(method: TaskMethod, isRealInput: boolean): Recipe {
  return (isRealInput ? realTasks : generatedTasks)[method];
}

/** How results are scored: answers are short, so few new tokens are enough. */
export const EVALUATION = { batchSize: 64, sequenceLength: 256, maxNewTokens: 24 } as const;
