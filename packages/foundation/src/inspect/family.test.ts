import { describe, expect, it } from "vitest";
import { architectureOf, familyOf } from "./family.js";

const family = (config: Record<string, unknown>, names: readonly string[] = []) => {
  const { name, standsOn } = familyOf(config, names);
  return standsOn === null ? name : `${name} on ${standsOn}`;
};

it.each([
  ["llama", { model_type: "llama", architectures: ["LlamaForCausalLM"] }],
  ["qwen2", { model_type: "qwen2" }],
  ["qwen2", { model_type: "qwen2_moe", num_experts: 60 }],
  ["qwen3", { model_type: "qwen3" }],
  ["qwen3", { model_type: "qwen3_moe", num_experts: 128 }],
  ["mistral", { model_type: "mistral" }],
  ["moe", { model_type: "mixtral", num_local_experts: 8 }],
  ["moe", { model_type: "deepseek_v3", n_routed_experts: 256 }],
  ["glm", { model_type: "chatglm", architectures: ["ChatGLMModel"] }],
  ["glm", { model_type: "glm4" }],
  ["baichuan", { model_type: "baichuan", architectures: ["BaichuanForCausalLM"] }],
  ["baichuan", { architectures: ["BaiChuanForCausalLM"] }],
  ["gemma", { model_type: "gemma3_text" }],
  ["gpt_neox", { model_type: "gpt_neox" }],
  ["gpt_neox", { architectures: ["GPTNeoXForCausalLM"] }],
  ["bloom", { model_type: "bloom" }],
  ["other", { model_type: "gpt_neo" }],
  ["other", { model_type: 7, architectures: "x" }],
  ["other", {}],
])("the family %s is told by %j", (name, config) => {
  expect(family(config)).toBe(name);
});

describe("the XuanYuan family", () => {
  it("stands on Llama with the vocabulary that its makers extended, or by name", () => {
    expect(family({ model_type: "llama", vocab_size: 39_438 })).toBe("xuanyuan on llama");
    expect(family({ model_type: "llama", _name_or_path: "/models/XuanYuan-70B", vocab_size: 32_000 })).toBe("xuanyuan on llama");
    expect(family({ model_type: "llama", vocab_size: 32_000 }, ["Duxiaoman-DI/XuanYuan-13B-Chat"])).toBe("xuanyuan on llama");
  });

  it("stands on BLOOM by name alone, since it kept BLOOM's vocabulary", () => {
    expect(family({ model_type: "bloom", vocab_size: 250_880 }, ["xyz-nlp/XuanYuan2.0"])).toBe("xuanyuan on bloom");
    expect(family({ model_type: "bloom", vocab_size: 250_880 })).toBe("bloom");
    expect(family({ model_type: "bloom", vocab_size: 39_438 })).toBe("bloom");
  });

  it("is not every model that was given its name", () => {
    expect(family({ model_type: "qwen2" }, ["XuanYuan"])).toBe("qwen2");
  });
});

describe("architecture facts", () => {
  it("are found under the names of each family", () => {
    const qwen = {
      hidden_size: 8,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      vocab_size: 16,
      max_position_embeddings: 32,
    };
    const facts = { hiddenSize: 8, layers: 2, heads: 4, kvHeads: 2, vocabulary: 16, maxPositions: 32, experts: null, tiedEmbeddings: null };
    expect(architectureOf(qwen)).toEqual(facts);
    const glm = {
      hidden_size: 8,
      num_layers: 2,
      num_attention_heads: 4,
      multi_query_attention: true,
      multi_query_group_num: 2,
      padded_vocab_size: 16,
      seq_length: 32,
    };
    expect(architectureOf(glm)).toEqual(facts);
    expect(architectureOf({ n_embed: 8, n_layer: 2, n_head: 4, vocab_size: 16, seq_length: 32 })).toEqual({ ...facts, kvHeads: 4 });
    expect(architectureOf({ text_config: qwen, tie_word_embeddings: true })).toEqual({ ...facts, tiedEmbeddings: true });
    expect(architectureOf({ ...qwen, num_local_experts: 8 })).toMatchObject({ experts: 8 });
  });

  it("are nothing where a configuration says nonsense", () => {
    const nonsense = { hidden_size: "8", num_hidden_layers: -1, num_attention_heads: 1.5, vocab_size: 1e300, text_config: 7 };
    expect(Object.values(architectureOf(nonsense))).toEqual(Array(8).fill(null));
    expect(Object.values(architectureOf(null))).toEqual(Array(8).fill(null));
  });
});
