import { Inspection } from "@ziggurat/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aSafetensorsFile, aSource, modelTensors } from "./builders.js";
import { inspectCheckpoint } from "./inspect-checkpoint.js";

const config = {
  model_type: "qwen3",
  architectures: ["Qwen3ForCausalLM"],
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 16,
  max_position_embeddings: 64,
};
const weights = aSafetensorsFile(modelTensors());
const look = (files: Record<string, Uint8Array | string>) =>
  inspectCheckpoint(aSource({ "model.safetensors": weights, "config.json": JSON.stringify(config), ...files }), "full");

describe("a checkpoint", () => {
  it("is described whole, from headers and configurations only", async () => {
    const { problems, inspection } = await look({
      "tokenizer.json": "{}",
      "tokenizer_config.json": JSON.stringify({ chat_template: "{{ messages }}" }),
      "README.md": "---\nlicense: mit\n---\n",
    });
    expect(problems).toEqual([]);
    expect(Inspection.parse(inspection)).toMatchObject({
      family: { name: "qwen3", standsOn: null, modelType: "qwen3", architectures: ["Qwen3ForCausalLM"] },
      architecture: { hiddenSize: 8, layers: 2, tiedEmbeddings: true },
      weights: { parameters: 16 * 8 + 2 * (16 * 8 + 4 * 8 + 8 * 24 + 8) + 8, shards: 1 },
      tokenizer: { present: true, chatTemplate: "tokenizer_config.json" },
      remoteCode: [],
      adapter: null,
      card: { licence: "mit" },
      findings: [],
    });
  });

  it("tells where the chat template lies, or that there is none", async () => {
    const template = async (files: Record<string, string>) => (await look(files)).inspection.tokenizer.chatTemplate;
    expect(await template({ "chat_template.jinja": "x" })).toBe("chat_template.jinja");
    expect(await template({ "chat_template.json": "{}" })).toBe("chat_template.json");
    expect(await template({ "tokenizer_config.json": '{"chat_template":[{"name":"default","template":"x"}]}' })).toBe(
      "tokenizer_config.json",
    );
    expect(await template({ "tokenizer_config.json": '{"chat_template":""}' })).toBeNull();
    expect((await look({})).inspection.tokenizer).toEqual({ present: false, chatTemplate: null });
  });

  it("has an untied head exactly where one is stored, when its configuration is silent", async () => {
    const untied = await look({ "model.safetensors": aSafetensorsFile(modelTensors({ tied: false })) });
    expect(untied.inspection.architecture.tiedEmbeddings).toBe(false);
  });

  it("is worth a finding when its configuration is another model's", async () => {
    const { problems, inspection } = await look({
      "config.json": JSON.stringify({ ...config, vocab_size: 17, num_hidden_layers: 3, hidden_size: 9 }),
    });
    expect(problems).toEqual([]);
    expect(inspection.findings.map(({ detail }) => detail)).toEqual([
      "config.json says a vocabulary of 17; model.embed_tokens.weight has 16 rows",
      "config.json says a hidden size of 9; model.embed_tokens.weight has 8 columns",
      "config.json says 3 layers; the weights have 2",
    ]);
  });

  it("is refused when a configuration is no JSON, is too large, or says one thing twice", async () => {
    const refused = async (text: string) => (await look({ "config.json": text })).problems.map(({ code, path }) => `${code} ${path}`);
    for (const text of ["{", "[]", "7", '{"a":1,"a":2}', `{"a":"${"x".repeat(17 * 1024 * 1024)}"}`])
      expect(await refused(text)).toEqual(["config_invalid config.json"]);
  });
});

describe("remote code", () => {
  const code = async (files: Record<string, string>) => (await look(files)).inspection.remoteCode.map(({ path }) => path);

  it("is flagged with its file: pointers in any configuration, however deep, and files that a loader imports", async () => {
    expect(await code({})).toEqual([]);
    expect(await code({ "config.json": '{"auto_map":{"AutoModel":"modeling.X"}}' })).toEqual(["config.json"]);
    expect(await code({ "tokenizer_config.json": '{"auto_map":{"AutoTokenizer":["other/repo--t.T",null]}}' })).toEqual([
      "tokenizer_config.json",
    ]);
    expect(await code({ "config.json": '{"text_config":{"x":[{"auto_map":"y"}]}}' })).toEqual(["config.json"]);
    expect(await code({ "config.json": '{"custom_pipelines":{"x":{"impl":"p.P"}}}' })).toEqual(["config.json"]);
    expect(await code({ "sub/modeling_x.PY": "x", "kernel.so": "x", "notes.txt": "import os" })).toEqual([
      "sub/modeling_x.PY",
      "kernel.so",
    ]);
    expect(await code({ "config.json": '{"auto_map":{}}' })).toEqual([]);
  });

  it("is an adapter's module that is imported by name", async () => {
    const adapter = (library: string) => ({
      "adapter_config.json": JSON.stringify({ auto_mapping: { base_model_class: "X", parent_library: library } }),
    });
    expect(await code(adapter("transformers.models.qwen3"))).toEqual([]);
    expect(await code(adapter("transformers_modules.evil"))).toEqual(["adapter_config.json"]);
  });
});

it("whatever configurations hold, they are judged and yield what the contract allows", async () => {
  const value = fc.json({ maxDepth: 3 });
  await fc.assert(
    fc.asyncProperty(value, value, value, fc.string(), async (model, tokenizer, adapter, card) => {
      const files = {
        "config.json": model,
        "tokenizer_config.json": tokenizer,
        "adapter_config.json": adapter,
        "README.md": `---\n${card}\n---\n`,
      };
      for (const kind of ["full", "adapter"] as const) {
        const { inspection } = await inspectCheckpoint(
          aSource({ ...files, "model.safetensors": weights, "adapter_model.safetensors": weights }),
          kind,
        );
        expect(Inspection.safeParse(inspection).error).toBeUndefined();
      }
    }),
    { numRuns: 300 },
  );
});
