import { z } from "zod";
import { FAILURE_CLASSES } from "./failures.js";
import {
  ContinuedHyperparameters,
  EvaluateHyperparameters,
  FullHyperparameters,
  LoraHyperparameters,
  MergeHyperparameters,
  PretrainHyperparameters,
} from "./hyperparameters.js";
import { FilePath, Sha256, Timestamp, VersionRef } from "./primitives.js";
import { DataFormat } from "./vocabulary.js";

/** A base model on the node: a folder in Hugging Face layout, and an adapter folder on top where the base is one. */
const Base = z.strictObject({ path: FilePath, adapterPath: FilePath.nullable() });

const SpecDataset = z.strictObject({ ref: VersionRef, format: DataFormat, path: FilePath });
const atLeastOne = z.array(SpecDataset).min(1);

const common = {
  schema: z.literal("ziggurat.trainer/1"),
  /** Deterministic name of the attempt, and how often the engine restarted it in place. */
  attempt: z.strictObject({ key: z.string().regex(/^[a-z0-9-]{1,60}$/), restart: z.number().int().min(0) }),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1),
  /** CPU threads. Part of the spec because sums depend on it: same seed and same threads give the same loss. */
  threads: z.number().int().min(1).max(1024),
  device: z.enum(["auto", "cpu", "cuda"]),
  /** Where checkpoints live; a run that finds a complete one there resumes from it. */
  checkpointDir: FilePath,
  graceSeconds: z.number().int().min(1).max(3600),
};

/**
 * `spec.json`: all a trainer is told. Paths are relative to the folder that holds the file.
 * One member per command and method, so that no field is ever meaningless.
 */
export const TrainerSpec = z.discriminatedUnion("method", [
  z.strictObject({
    ...common,
    command: z.literal("pretrain"),
    method: z.literal("pretrain"),
    base: z.null(),
    datasets: atLeastOne,
    hyperparameters: PretrainHyperparameters,
  }),
  z.strictObject({
    ...common,
    command: z.literal("pretrain"),
    method: z.literal("continued"),
    base: Base,
    datasets: atLeastOne,
    hyperparameters: ContinuedHyperparameters,
  }),
  z.strictObject({
    ...common,
    command: z.literal("tune"),
    method: z.literal("full"),
    base: Base,
    datasets: atLeastOne,
    hyperparameters: FullHyperparameters,
  }),
  z.strictObject({
    ...common,
    command: z.literal("tune"),
    method: z.literal("lora"),
    base: Base,
    datasets: atLeastOne,
    hyperparameters: LoraHyperparameters,
  }),
  z.strictObject({
    ...common,
    command: z.literal("evaluate"),
    method: z.literal("evaluate"),
    base: Base,
    datasets: atLeastOne,
    hyperparameters: EvaluateHyperparameters,
  }),
  z.strictObject({
    ...common,
    command: z.literal("merge"),
    method: z.literal("merge"),
    base: Base,
    datasets: z.array(SpecDataset).length(0),
    hyperparameters: MergeHyperparameters,
  }),
]);
export type TrainerSpec = z.infer<typeof TrainerSpec>;
/** The spec as written, before defaults are filled in. */
export type TrainerSpecInput = z.input<typeof TrainerSpec>;

const event = { seq: z.number().int().min(1), at: Timestamp };
/** Numbers that JSON has no word for travel as these strings and are kept as such. */
export const MetricValue = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]);

/** One line of `events.jsonl`, and one element of the runner's batches. */
export const TrainerEvent = z.discriminatedUnion("type", [
  z.strictObject({ ...event, type: z.literal("state"), state: z.enum(["starting", "running", "uploading", "finished"]) }),
  z.strictObject({
    ...event,
    type: z.literal("progress"),
    step: z.number().int().min(0),
    steps: z.number().int().min(0),
    tokensPerSecond: z.number().min(0).nullable(),
    etaSeconds: z.number().min(0).nullable(),
  }),
  z.strictObject({
    ...event,
    type: z.literal("metric"),
    key: z.string().min(1).max(100),
    step: z.number().int().min(0),
    value: MetricValue,
  }),
  z.strictObject({ ...event, type: z.literal("log"), stream: z.enum(["stdout", "stderr", "runner"]), line: z.string().max(8192) }),
  z.strictObject({
    ...event,
    type: z.literal("checkpoint"),
    step: z.number().int().min(0),
    files: z.array(z.strictObject({ path: FilePath, sha256: Sha256, sizeBytes: z.number().int().min(0) })),
  }),
  z.strictObject({ ...event, type: z.literal("failure"), class: z.enum(FAILURE_CLASSES), detail: z.string().max(8192) }),
]);
export type TrainerEvent = z.infer<typeof TrainerEvent>;

export const ResultFile = z.strictObject({ path: FilePath, sha256: Sha256, sizeBytes: z.number().int().min(0) });

/** One dataset's score. `items` is the path of the item-level results among the files. */
export const EvaluationResult = z.strictObject({
  ref: VersionRef,
  format: DataFormat,
  rows: z.number().int().min(1),
  /** Path below `evaluation/` of the item results, JSON lines of {@link EvaluationItem}. */
  items: FilePath,
  metrics: z.strictObject({ perplexity: z.number().optional(), exactMatch: z.number().min(0).max(1).optional() }),
});

/** One line of an item file: text rows carry their summed negative log likelihood (nats), chat rows what was said. */
export const EvaluationItem = z.discriminatedUnion("format", [
  z.strictObject({ format: z.literal("text"), index: z.number().int().min(0), tokens: z.number().int().min(0), nll: z.number() }),
  z.strictObject({
    format: z.literal("chat"),
    index: z.number().int().min(0),
    expected: z.string(),
    output: z.string(),
    correct: z.boolean(),
  }),
]);
export type EvaluationItem = z.infer<typeof EvaluationItem>;

/**
 * `result.json`: the trainer's final marker, written last and by rename. Files lie under `artifact/` (they become the version)
 * or `evaluation/`. Without this file a run has no result, whatever its exit code.
 */
export const TrainerResult = z.strictObject({
  schema: z.literal("ziggurat.result/1"),
  command: z.enum(["pretrain", "tune", "evaluate", "merge"]),
  files: z.array(ResultFile).min(1),
  /** Parameters of the produced (or evaluated) model; for an adapter, of the adapter alone. */
  parameters: z.number().int().min(0),
  tokens: z.number().int().min(0),
  seconds: z.number().min(0),
  tokensPerSecond: z.number().min(0),
  /** Final training loss in nats per token, where something was trained. */
  loss: MetricValue.nullable(),
  evaluations: z.array(EvaluationResult),
  environment: z.record(z.string(), z.string()),
});
export type TrainerResult = z.infer<typeof TrainerResult>;
