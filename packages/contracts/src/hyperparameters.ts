import { z } from "zod";
import type { Method } from "./vocabulary.js";

const learningRate = z.number().gt(0).max(0.1);
const schedule = z.enum(["one_cycle", "cosine", "linear", "constant"]);

/** What every training method understands. Unknown keys are refused, not ignored. */
const training = {
  learningRate,
  epochs: z.number().int().min(1).max(100).default(1),
  /** Stops early when set; otherwise the epochs decide. */
  maxSteps: z.number().int().min(1).max(10_000_000).optional(),
  batchSize: z.number().int().min(1).max(4096).default(32),
  sequenceLength: z.number().int().min(16).max(131_072).default(256),
  schedule: schedule.default("one_cycle"),
  warmupRatio: z.number().min(0).max(0.5).default(0.1),
  weightDecay: z.number().min(0).max(1).default(0.01),
  maxGradNorm: z.number().gt(0).max(100).default(1),
  /** Pack several short rows into one sequence, without attention across rows. */
  packing: z.boolean().default(true),
  checkpointEverySteps: z.number().int().min(1).max(1_000_000).default(200),
  logEverySteps: z.number().int().min(1).max(10_000).default(10),
};

/** Shape of a model that starts from random weights (Qwen3-shaped). */
export const Architecture = z
  .strictObject({
    hiddenSize: z.number().int().min(8).max(16_384),
    layers: z.number().int().min(1).max(256),
    heads: z.number().int().min(1).max(256),
    kvHeads: z.number().int().min(1).max(256),
    headDim: z.number().int().min(2).max(512).multipleOf(2),
    intermediateSize: z.number().int().min(8).max(131_072),
    tieEmbeddings: z.boolean().default(true),
    maxPositions: z.number().int().min(16).max(1_048_576).default(1024),
  })
  .refine((a) => a.heads % a.kvHeads === 0, { path: ["kvHeads"], message: "heads must be a multiple of kvHeads" });
export type Architecture = z.infer<typeof Architecture>;

export const PretrainHyperparameters = z.strictObject({
  ...training,
  architecture: Architecture,
  vocabSize: z.number().int().min(300).max(262_144),
});
export const ContinuedHyperparameters = z.strictObject({ ...training });
export const FullHyperparameters = z.strictObject({ ...training });
export const LORA_TARGETS = [
  "q_proj",
  "k_proj",
  "v_proj",
  "o_proj",
  "gate_proj",
  "up_proj",
  "down_proj",
  "embed_tokens",
  "lm_head",
] as const;
export const LoraHyperparameters = z.strictObject({
  ...training,
  rank: z.number().int().min(1).max(512).default(16),
  alpha: z.number().gt(0).max(4096).default(32),
  dropout: z.number().min(0).max(0.9).default(0),
  targetModules: z
    .array(z.enum(LORA_TARGETS))
    .min(1)
    .default(["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]),
});
export const EvaluateHyperparameters = z.strictObject({
  batchSize: z.number().int().min(1).max(4096).default(64),
  sequenceLength: z.number().int().min(16).max(131_072).default(256),
  maxNewTokens: z.number().int().min(1).max(4096).default(32),
});
export const MergeHyperparameters = z.strictObject({});

/** Schema of the hyperparameters of each method: forms, checks and the trainer's spec follow from it. */
export const HYPERPARAMETERS = {
  pretrain: PretrainHyperparameters,
  continued: ContinuedHyperparameters,
  full: FullHyperparameters,
  lora: LoraHyperparameters,
  evaluate: EvaluateHyperparameters,
  merge: MergeHyperparameters,
} as const satisfies Record<Method, z.ZodType>;
