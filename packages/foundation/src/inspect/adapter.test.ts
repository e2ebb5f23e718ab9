import { describe, expect, it } from "vitest";
import { aSafetensorsFile, aSource, loraTensors, modelTensors, type TensorToMake } from "./builders.js";
import { inspectCheckpoint, readBaseModules } from "./inspect-checkpoint.js";

const settings = { peft_type: "LORA", r: 2, lora_alpha: 4, target_modules: ["q_proj"], base_model_name_or_path: "acme/base" };
const anAdapter = (tensors: Record<string, TensorToMake> = loraTensors(), config: unknown = settings) =>
  aSource({ "adapter_model.safetensors": aSafetensorsFile(tensors), "adapter_config.json": JSON.stringify(config) });
const baseOf = async (tensors: Record<string, TensorToMake>) =>
  readBaseModules("finance/base@1", aSource({ "model.safetensors": aSafetensorsFile(tensors) }));

const look = async (source = anAdapter(), baseTensors: Record<string, TensorToMake> = modelTensors()) =>
  inspectCheckpoint(source, "adapter", await baseOf(baseTensors));
const refused = async (...given: Parameters<typeof look>) =>
  (await look(...given)).problems.map(({ code, detail }) => `${code}: ${detail}`);

describe("an adapter", () => {
  it("that fits its base passes, and its facts are read", async () => {
    const { problems, inspection } = await look();
    expect(problems).toEqual([]);
    expect(inspection).toMatchObject({
      weights: { parameters: 2 * (2 * 8 + 16 * 2), tensors: 4 },
      adapter: {
        baseModel: "acme/base",
        method: "LORA",
        rank: 2,
        alpha: 4,
        targetModules: ["q_proj"],
        adaptedModules: 2,
        checkedAgainst: "finance/base@1",
      },
      findings: [],
    });
  });

  it("finds its modules whatever beginning of their names the base's maker left out", async () => {
    const bloom = (prefix: string) => ({ [`${prefix}h.0.self_attention.query_key_value.weight`]: { shape: [24, 8] } });
    const tensors = {
      "base_model.model.transformer.h.0.self_attention.query_key_value.lora_A.weight": { shape: [2, 8] },
      "base_model.model.transformer.h.0.self_attention.query_key_value.lora_B.weight": { shape: [24, 2] },
    };
    const source = anAdapter(tensors, { ...settings, target_modules: ["query_key_value"] });
    expect(await refused(source, bloom("transformer."))).toEqual([]);
    expect(await refused(source, bloom(""))).toEqual([]);
  });

  it("of a head that is tied to the embeddings passes, though no head is stored", async () => {
    const tensors = {
      "base_model.model.lm_head.lora_A.weight": { shape: [2, 8] },
      "base_model.model.lm_head.lora_B.weight": { shape: [16, 2] },
      "base_model.model.model.embed_tokens.lora_embedding_A": { shape: [2, 16] },
      "base_model.model.model.embed_tokens.lora_embedding_B": { shape: [8, 2] },
    };
    expect(await refused(anAdapter(tensors, { ...settings, target_modules: ["lm_head", "embed_tokens"] }))).toEqual([]);
  });

  it("is refused when it targets a module that the base lacks", async () => {
    const source = anAdapter(loraTensors(), { ...settings, target_modules: ["q_proj", "query_key_value"] });
    expect(await refused(source)).toEqual([
      "adapter_target_missing: adapter_config.json targets query_key_value, and finance/base@1 has no such module",
    ]);
  });

  it("is refused when its layers were renamed or the base has fewer", async () => {
    expect(await refused(anAdapter(loraTensors({ layers: 3 })))).toEqual([
      "adapter_module_missing: it adapts model.layers.2.self_attn.q_proj, and finance/base@1 has no such module",
    ]);
    const [first = ""] = await refused(anAdapter(loraTensors({ modules: ["attn.q_proj"] })));
    expect(first).toContain("adapter_module_missing: it adapts model.layers.0.attn.q_proj, model.layers.1.attn.q_proj");
  });

  it("is refused on another base, with the sizes that do not meet", async () => {
    const [first = ""] = await refused(anAdapter(), modelTensors({ hidden: 4 }));
    expect(first).toContain(
      "adapter_shape: it was made for another base than finance/base@1: model.layers.0.self_attn.q_proj takes 8 inputs to outputs 16, and the base's weight is 8 × 4",
    );
  });

  it("is not held to the shape of packed weights", async () => {
    const packed = Object.fromEntries(Object.entries(modelTensors()).map(([name, made]) => [name, { ...made, dtype: "U8" as const }]));
    expect(await refused(anAdapter(), { ...packed, "model.layers.0.self_attn.q_proj.weight": { shape: [64, 1], dtype: "U8" } })).toEqual(
      [],
    );
  });

  it("is refused when its tensors have another rank than it says", async () => {
    expect(await refused(anAdapter(loraTensors({ rank: 3 })))).toEqual([
      "adapter_rank: adapter_config.json and the tensors disagree: model.layers.0.self_attn.q_proj has rank 3, not 2, model.layers.1.self_attn.q_proj has rank 3, not 2",
    ]);
  });

  it("may have a rank of its own for some modules, by plain names or by expressions, which are never run", async () => {
    const mixed = { ...loraTensors({ layers: 1 }), ...loraTensors({ rank: 4, modules: ["mlp.up_proj"], layers: 1 }) };
    const base = { ...modelTensors(), "model.layers.0.mlp.up_proj.weight": { shape: [16, 8] } };
    const config = (rank_pattern: unknown) => ({ ...settings, target_modules: ["q_proj", "up_proj"], rank_pattern });
    expect(await refused(anAdapter(mixed, config({ up_proj: 4 })), base)).toEqual([]);
    expect(await refused(anAdapter(mixed, config({ "^(a+)+$": 4 })), base)).toEqual([]);
    expect(await refused(anAdapter(mixed, config({ q_proj: 4 })), base)).toHaveLength(1);
  });

  it("is refused when it lacks one of its halves, or its configuration", async () => {
    const { "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight": _, ...half } = loraTensors();
    expect((await refused(anAdapter(half)))[0]).toContain("adapter_incomplete: model.layers.0.self_attn.q_proj");
    const bare = aSource({ "adapter_model.safetensors": aSafetensorsFile(loraTensors()) });
    expect(await refused(bare)).toEqual(["adapter_config_missing: an adapter says in adapter_config.json what it is"]);
    expect(await refused(aSource({ "adapter_model.safetensors": aSafetensorsFile(loraTensors()), "adapter_config.json": "{" }))).toEqual([
      "config_invalid: adapter_config.json is not a JSON object",
    ]);
  });
});

it("an alpha beyond all numbers is none", async () => {
  const config = JSON.stringify(settings).replace('"lora_alpha":4', '"lora_alpha":1e999');
  const source = aSource({ "adapter_model.safetensors": aSafetensorsFile(loraTensors()), "adapter_config.json": config });
  expect((await look(source)).inspection.adapter?.alpha).toBeNull();
});

describe("an adapter without any effect", () => {
  it.each([
    ["every lora_B is zero", loraTensors({ fillB: 0 }), settings, /lora_B, or lora_A, is zero in every module/],
    ["lora_alpha is zero", loraTensors(), { ...settings, lora_alpha: 0 }, /lora_alpha is 0/],
    ["it has no LoRA tensors", {}, settings, /it has no LoRA tensors/],
    [
      "every module has one half that is zero",
      { ...halves(), ...loraTensors({ layers: 1, fillB: 0 }) },
      settings,
      /is zero in every module/,
    ],
    ["another method left zeros", loraTensors({ fillB: 0 }), { ...settings, peft_type: "IA3" }, null],
  ])("is refused with the cause: %s", async (_, tensors, config, cause) => {
    const found = await refused(anAdapter(tensors, config));
    if (cause === null) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringMatching(new RegExp(`^adapter_no_effect: the adapter has no effect: .*${cause.source}`))]);
  });

  it("is seen through minus zeros, and not where a single number is more", async () => {
    const name = "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight";
    const bytes = aSafetensorsFile(loraTensors({ layers: 1, fillB: 0 }));
    const with_ = (change: (data: Uint8Array, at: number) => void) => {
      const changed = bytes.slice();
      // lora_B is the last tensor of the file.
      change(changed, changed.length - 16 * 2 * 4);
      return aSource({ "adapter_model.safetensors": changed, "adapter_config.json": JSON.stringify(settings) });
    };
    const negative = with_((data, at) => {
      for (let n = at + 3; n < data.length; n += 4) data[n] = 0x80;
    });
    expect((await refused(negative))[0]).toContain("adapter_no_effect");
    const last = with_((data) => {
      data[data.length - 2] = 0x01;
    });
    expect([await refused(last), name.length > 0]).toEqual([[], true]);
  });

  it("is told apart from one that trained whole modules, or magnitudes", async () => {
    const zero = loraTensors({ fillB: 0 });
    expect(await refused(anAdapter({ ...zero, "base_model.model.score.weight": { shape: [2, 8] } }))).toEqual([]);
    const magnitude = { "base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector": { shape: [16] } };
    expect(await refused(anAdapter({ ...zero, ...magnitude }, { ...settings, use_dora: true }))).toEqual([]);
    expect((await refused(anAdapter({ ...zero, ...magnitude })))[0]).toContain("adapter_no_effect");
  });

  it("is looked for no further than the first number", async () => {
    const large = {
      "base_model.model.a.lora_A.weight": { shape: [1, 50_000] },
      "base_model.model.a.lora_B.weight": { shape: [50_000, 1] },
    };
    const source = anAdapter(large, { ...settings, r: 1, target_modules: ["a"] });
    expect((await inspectCheckpoint(source, "adapter")).problems).toEqual([]);
    expect(source.bytesRead()).toBeLessThan(140_000);
  });
});

/** A module whose lora_A is zero and whose lora_B is not. */
function halves(): Record<string, TensorToMake> {
  const at = "base_model.model.model.layers.1.self_attn.q_proj";
  return { [`${at}.lora_A.weight`]: { shape: [2, 8], fill: 0 }, [`${at}.lora_B.weight`]: { shape: [16, 2] } };
}
