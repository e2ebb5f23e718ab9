import { expect, it } from "vitest";
import { checkArtifact, checkFormats, checkPaths } from "./check-files.js";
import { kindOfFile } from "./file-kinds.js";

const files = (...paths: string[]) => paths.map((path) => ({ path }));

it("refuses a path that is listed twice or lies inside a file", () => {
  expect(checkPaths(files("a", "b", "a", "b/c"))).toMatchObject([
    { code: "duplicate_path", pointer: "/files/2/path" },
    { code: "path_conflict", pointer: "/files/3/path" },
  ]);
});

it("refuses every format that can run code on loading, whatever its case", () => {
  expect(
    checkFormats(files("pytorch_model.bin", "x/Model.PT", "state.pkl", "model.safetensors", "config.json")).map((v) => v.pointer),
  ).toEqual(["/files/0/path", "/files/1/path", "/files/2/path"]);
});

it("asks whole weights of a full artifact and adapter weights of an adapter", () => {
  expect(checkArtifact("full", files("model.safetensors"))).toEqual([]);
  expect(checkArtifact("full", files("adapter_model.safetensors"))).toHaveLength(1);
  expect(checkArtifact("adapter", files("adapter_config.json"))).toHaveLength(1);
  expect(checkArtifact("adapter", files("adapter_model.safetensors"))).toEqual([]);
});

it("knows the kind of a file by its place", () => {
  expect(
    [
      "model-00001-of-00002.safetensors",
      "adapter_config.json",
      "tokenizer.json",
      "config.json",
      "README.md",
      "evaluation/a.jsonl",
      "x.txt",
    ].map(kindOfFile),
  ).toEqual(["weights", "adapter", "tokenizer", "config", "card", "evaluation", "other"]);
});
