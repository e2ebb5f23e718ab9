import { z } from "zod";
import { VersionRef } from "./primitives.js";

/** Model families told apart. `moe`: a mixture of experts, such as Mixtral, that is of no other family. `other`: none of them. */
export const MODEL_FAMILIES = [
  "llama",
  "qwen2",
  "qwen3",
  "mistral",
  "moe",
  "glm",
  "baichuan",
  "gemma",
  "gpt_neox",
  "bloom",
  "xuanyuan",
  "other",
] as const;
export const ModelFamily = z.enum(MODEL_FAMILIES);
export type ModelFamily = z.infer<typeof ModelFamily>;

const count = z.number().int().min(0);

/** What a configuration says of itself. Null where it says nothing. */
export const ArchitectureFacts = z.strictObject({
  hiddenSize: count.nullable(),
  layers: count.nullable(),
  heads: count.nullable(),
  /** Heads that keys and values have of their own; as many as `heads` where they are not shared. */
  kvHeads: count.nullable(),
  vocabulary: count.nullable(),
  maxPositions: count.nullable(),
  /** Experts per layer; null for a model that has none. */
  experts: count.nullable(),
  tiedEmbeddings: z.boolean().nullable(),
});
export type ArchitectureFacts = z.infer<typeof ArchitectureFacts>;

export const DtypeCount = z.strictObject({ dtype: z.string(), tensors: count, numbers: count });
export type DtypeCount = z.infer<typeof DtypeCount>;

/** Weights of one checkpoint, counted from the headers of its files. */
export const WeightFacts = z.strictObject({
  /** Numbers that are learnt. Buffers that old checkpoints store among them are left out. */
  parameters: count,
  tensors: count,
  /** Bytes of all tensors, without headers. */
  bytes: count,
  shards: count,
  dtypes: z.array(DtypeCount),
});
export type WeightFacts = z.infer<typeof WeightFacts>;

/** A place where a checkpoint brings code that a loader would run. */
export const RemoteCode = z.strictObject({ path: z.string(), detail: z.string() });
export type RemoteCode = z.infer<typeof RemoteCode>;

export const AdapterFacts = z.strictObject({
  /** As adapter_config.json names it: where its maker had the base. The platform's own word is the derivation. */
  baseModel: z.string().nullable(),
  method: z.string(),
  rank: count.nullable(),
  alpha: z.number().nullable(),
  targetModules: z.array(z.string()),
  /** Modules that have tensors in the adapter. */
  adaptedModules: count,
  /** The version it was checked against. */
  checkedAgainst: VersionRef.nullable(),
});
export type AdapterFacts = z.infer<typeof AdapterFacts>;

/** Front matter of a model card. What it says is its maker's claim. */
export const CardFacts = z.strictObject({
  baseModels: z.array(z.string()),
  relation: z.string().nullable(),
  licence: z.string().nullable(),
  languages: z.array(z.string()),
  tags: z.array(z.string()),
  datasets: z.array(z.string()),
});
export type CardFacts = z.infer<typeof CardFacts>;

/** Something worth reading that does not keep a version from being sealed. */
export const Finding = z.strictObject({ code: z.string(), detail: z.string(), path: z.string().nullable() });
export type Finding = z.infer<typeof Finding>;

/** What a look at a checkpoint found. No weights were loaded for it. */
export const Inspection = z.strictObject({
  schema: z.literal("ziggurat.inspection/1"),
  family: z.strictObject({
    name: ModelFamily,
    /** The architecture it is built on, where the family is named after something else. */
    standsOn: ModelFamily.nullable(),
    modelType: z.string().nullable(),
    architectures: z.array(z.string()),
  }),
  architecture: ArchitectureFacts,
  weights: WeightFacts.nullable(),
  tokenizer: z.strictObject({
    present: z.boolean(),
    /** The file that holds the chat template. */
    chatTemplate: z.string().nullable(),
  }),
  remoteCode: z.array(RemoteCode),
  adapter: AdapterFacts.nullable(),
  card: CardFacts.nullable(),
  findings: z.array(Finding),
});
export type Inspection = z.infer<typeof Inspection>;

/** Answer of `GET …/versions/{n}/inspection`: null for a draft, and for a version that was sealed before there were inspections. */
export const VersionInspection = z.strictObject({ version: VersionRef, inspection: Inspection.nullable() });
export type VersionInspection = z.infer<typeof VersionInspection>;
