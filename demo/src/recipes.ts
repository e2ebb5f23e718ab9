import type { CreateJobInput } from "@ziggurat/contracts";
import type { TaskMethod } from "./options.js";

/** Hyperparameters by which the demo trains; the figures they reach are in `demo/README.md`. */
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
    batchSize: 8,
    sequenceLength: 128,
    learningRate: 0.003,
  },
};

export const financeRecipe: Recipe = {
  method: "continued",
  hyperparameters: { epochs: 1, batchSize: 8, sequenceLength: 128, learningRate: 0.002 },
};

/**
 * Small steps, many of them. An adapter starts from nothing added (its second matrix is zero), so a high alpha over rank lets it move at a
 * rate that does not overshoot: at alpha / rank 2 rates above 0.01 diverged and lower ones did not arrive.
 */
const generatedTasks: Readonly<Record<TaskMethod, Recipe>> = {
  full: { method: "full", hyperparameters: { epochs: 2, batchSize: 8, sequenceLength: 128, learningRate: 0.0015, weightDecay: 0.1 } },
  lora: { method: "lora", hyperparameters: { epochs: 2, batchSize: 8, sequenceLength: 128, learningRate: 0.0015, rank: 16, alpha: 128 } },
};

/**
 * Real input has more labels and more ways to say them: longer rows, and an adapter on the head too, because labels hold characters that
 * text never does, such as the underscore.
 */
const realTasks: Readonly<Record<TaskMethod, Recipe>> = {
  full: { method: "full", hyperparameters: { epochs: 6, batchSize: 16, sequenceLength: 256, learningRate: 0.0015, weightDecay: 0.2 } },
  lora: {
    method: "lora",
    hyperparameters: {
      epochs: 4,
      batchSize: 16,
      sequenceLength: 256,
      learningRate: 0.001,
      rank: 32,
      alpha: 256,
      targetModules: ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "lm_head"],
    },
  },
};

export function taskRecipe(method: TaskMethod, isRealInput: boolean): Recipe {
  return (isRealInput ? realTasks : generatedTasks)[method];
}

/** How results are scored: answers are short, so few new tokens are enough. */
export const EVALUATION = { batchSize: 64, sequenceLength: 256, maxNewTokens: 24 } as const;
