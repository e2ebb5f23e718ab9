import type { ArchitectureFacts, Inspection, ModelFamily } from "@ziggurat/contracts";
import { short } from "./checkpoint-source.js";
import { isObject, type JsonObject, texts } from "./read-json.js";

/** Beginnings of `model_type` and of class names, without case and punctuation. The first that fits wins. */
const FAMILIES: readonly (readonly [RegExp, ModelFamily])[] = [
  [/^qwen2/, "qwen2"],
  [/^qwen3/, "qwen3"],
  [/^llama/, "llama"],
  [/^(?:mistral|ministral)/, "mistral"],
  [/^mixtral/, "moe"],
  [/^(?:chat)?glm/, "glm"],
  [/^baichuan/, "baichuan"],
  [/^gemma/, "gemma"],
  [/^gptneox/, "gpt_neox"],
  [/^bloom/, "bloom"],
];
const XUANYUAN = /xuan-?yuan/i;
/**
 * Llama's vocabulary as the XuanYuan models of 6, 13 and 70 billion parameters extended it (their model cards on the hub). XuanYuan 2.0
 * kept BLOOM's, so only its name marks it.
 */
const XUANYUAN_VOCABULARY = 39_438;

/** Family of a model by its configuration, and by the names it was given: in the configuration, the tokenizer's and the card. */
export function familyOf(config: JsonObject | null, names: readonly string[]): Inspection["family"] {
  const modelType = typeof config?.model_type === "string" ? short(config.model_type) : null;
  const architectures = texts(config?.architectures).slice(0, 8).map(short);
  const built = builtOn(config, [modelType ?? "", ...architectures]);
  const given = [...texts(config?._name_or_path), ...names];
  const isXuanYuan =
    (built === "llama" || built === "bloom") &&
    (given.some((name) => XUANYUAN.test(name)) || (built === "llama" && config?.vocab_size === XUANYUAN_VOCABULARY));
  return { name: isXuanYuan ? "xuanyuan" : built, standsOn: isXuanYuan ? built : null, modelType, architectures };
}

function builtOn(config: JsonObject | null, names: readonly string[]): ModelFamily {
  for (const name of names) {
    const plain = name.toLowerCase().replace(/[^a-z0-9]/g, "");
    const found = FAMILIES.find(([beginning]) => beginning.test(plain));
    if (found !== undefined) return found[1];
  }
  return (architectureOf(config).experts ?? 0) > 1 ? "moe" : "other";
}

/** Sizes by the names that the families give them. A model of several kinds of input keeps them in the part that reads text. */
export function architectureOf(config: JsonObject | null): ArchitectureFacts {
  const text = config === null ? {} : partThatReadsText(config);
  const size = (...names: readonly string[]): number | null => {
    const value = names.map((name) => text[name]).find((candidate) => candidate !== undefined && candidate !== null);
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
  };
  const heads = size("num_attention_heads", "n_head", "n_heads");
  const shared = text.multi_query_attention === true ? size("multi_query_group_num") : null;
  const experts = size("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts");
  const tied = text.tie_word_embeddings ?? config?.tie_word_embeddings;
  return {
    hiddenSize: size("hidden_size", "n_embd", "n_embed", "d_model"),
    layers: size("num_hidden_layers", "num_layers", "n_layer", "n_layers"),
    heads,
    kvHeads: size("num_key_value_heads") ?? shared ?? heads,
    vocabulary: size("vocab_size", "padded_vocab_size"),
    maxPositions: size("max_position_embeddings", "seq_length", "n_positions", "model_max_length", "max_sequence_length"),
    experts: experts === 0 ? null : experts,
    tiedEmbeddings: typeof tied === "boolean" ? tied : null,
  };
}

function partThatReadsText(config: JsonObject): JsonObject {
  if (config.hidden_size !== undefined) return config;
  const part = [config.text_config, config.llm_config, config.language_config].find(isObject);
  return part ?? config;
}
