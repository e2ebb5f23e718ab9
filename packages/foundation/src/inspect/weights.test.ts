import { describe, expect, it } from "vitest";
import { aSafetensorsFile, aSource, modelTensors, type TensorToMake } from "./builders.js";
import { readWeights, weightFacts } from "./weights.js";

const index = (map: Record<string, string>, total?: unknown) =>
  JSON.stringify({ ...(total === undefined ? {} : { metadata: { total_size: total } }), weight_map: map });
const one: Record<string, TensorToMake> = { a: { shape: [2] } };
const two: Record<string, TensorToMake> = { b: { shape: [3], dtype: "BF16" } };
const sharded = (indexText: string, more: Record<string, Uint8Array | string> = {}) =>
  aSource({
    "model.safetensors.index.json": indexText,
    "model-00001-of-00002.safetensors": aSafetensorsFile(one),
    "model-00002-of-00002.safetensors": aSafetensorsFile(two),
    ...more,
  });
const both = { a: "model-00001-of-00002.safetensors", b: "model-00002-of-00002.safetensors" };
const codes = async (source: ReturnType<typeof aSource>) => {
  const { problems, findings } = await readWeights(source, "model");
  return [problems.map(({ code }) => code), findings.map(({ code }) => code)];
};

describe("weights", () => {
  it("are counted exactly, by type, with their bytes and shards", async () => {
    const weights = await readWeights(sharded(index(both, 14)), "model");
    expect([weights.problems, weights.findings]).toEqual([[], []]);
    expect(weightFacts(weights)).toEqual({
      parameters: 5,
      tensors: 2,
      bytes: 14,
      shards: 2,
      dtypes: [
        { dtype: "BF16", tensors: 1, numbers: 3 },
        { dtype: "F32", tensors: 1, numbers: 2 },
      ],
    });
  });

  it("leave out masks and frequencies that nothing learns", async () => {
    const source = aSource({
      "model.safetensors": aSafetensorsFile({
        "gpt_neox.layers.0.attention.bias": { shape: [1, 1, 4, 4], dtype: "BOOL" },
        "gpt_neox.layers.0.attention.masked_bias": { shape: [] },
        "gpt_neox.layers.0.attention.rotary_emb.inv_freq": { shape: [4] },
        "gpt_neox.layers.0.attention.dense.bias": { shape: [8] },
      }),
    });
    expect(weightFacts(await readWeights(source, "model"))).toMatchObject({ parameters: 8, tensors: 4 });
  });

  it("are read by their headers only", async () => {
    const source = aSource({ "model.safetensors": aSafetensorsFile({ a: { shape: [20_000] } }) });
    await readWeights(source, "model");
    expect(source.bytesRead()).toBeLessThan(200);
  });

  it("that a loader would not take are checked and not counted", async () => {
    const weights = await readWeights(
      aSource({
        "model.safetensors": aSafetensorsFile(one),
        "consolidated.safetensors": aSafetensorsFile(one),
        "adapter_model.safetensors": aSafetensorsFile(two),
      }),
      "model",
    );
    expect(weightFacts(weights)?.parameters).toBe(2);
    expect(weights.findings).toMatchObject([{ code: "weights_beside", detail: expect.stringContaining("consolidated.safetensors") }]);
    expect(await codes(aSource({ "model.safetensors": aSafetensorsFile(one), "other.safetensors": "x" }))).toEqual([
      ["safetensors_invalid"],
      ["weights_beside"],
    ]);
  });
});

describe("an index", () => {
  it("that names a shard which is not there is refused", async () => {
    const { problems } = await readWeights(sharded(index({ ...both, c: "model-00003-of-00003.safetensors" })), "model");
    expect(problems).toEqual([
      {
        code: "shard_missing",
        detail: "model.safetensors.index.json names model-00003-of-00003.safetensors, which is not there",
        path: "model.safetensors.index.json",
      },
    ]);
  });

  it("that promises a tensor which its shard lacks is refused", async () => {
    expect(await codes(sharded(index({ ...both, c: "model-00001-of-00002.safetensors" })))).toEqual([["tensor_missing"], []]);
  });

  it("whose shards hold a tensor twice is refused", async () => {
    const source = sharded(index(both), { "model-00002-of-00002.safetensors": aSafetensorsFile({ ...two, ...one }) });
    const { problems } = await readWeights(source, "model");
    expect(problems).toMatchObject([
      { code: "tensor_twice", detail: expect.stringMatching(/^a is in model-00002.* and also in model-00001/) },
    ]);
  });

  it.each([
    ["is no JSON", "{"],
    ["has no map", "{}"],
    ["names one tensor twice", '{"weight_map":{"a":"model-00001-of-00002.safetensors","a":"model-00002-of-00002.safetensors"}}'],
    ["leads out of its folder", index({ a: "../model.safetensors" })],
    ["leads out of its folder with a backslash", index({ a: "..\\model.safetensors" })],
    ["leads to a pickle", index({ a: "pytorch_model.bin" })],
    ["leads nowhere", '{"weight_map":{"a":7}}'],
  ])("that %s is refused", async (_, text) => {
    expect((await codes(sharded(text)))[0]).toEqual(["index_invalid"]);
  });

  it("with another total, or without some tensor, is worth a finding", async () => {
    expect(await codes(sharded(index(both, 15)))).toEqual([[], ["total_size"]]);
    const more = { "model-00001-of-00002.safetensors": aSafetensorsFile({ ...one, c: { shape: [1] } }) };
    expect(await codes(sharded(index(both), more))).toEqual([[], ["tensor_unlisted"]]);
  });

  it("is missed where weights lie in several files, and shards are missed by their names", async () => {
    const shard = aSafetensorsFile(one);
    expect(await codes(aSource({ "model-00001-of-00003.safetensors": shard }))).toEqual([["shard_missing"], []]);
    const whole = aSource({ "model-00001-of-00002.safetensors": shard, "model-00002-of-00002.safetensors": aSafetensorsFile(two) });
    expect(await codes(whole)).toEqual([[], ["index_missing"]]);
  });
});

it("a model in a folder of its own is found there", async () => {
  const weights = await readWeights(aSource({ "a b/model.safetensors": aSafetensorsFile(modelTensors()) }), "model");
  expect([weights.folder, weights.problems, weights.findings]).toEqual(["a b/", [], []]);
});
