import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ArtifactKind } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CheckpointSource } from "./checkpoint-source.js";
import { inspectCheckpoint, readBaseModules } from "./inspect-checkpoint.js";

const root = join(import.meta.dirname, "..", "..", "..", "..");
let folder: string;
let facts: Record<string, { readonly parameters: number }>;

/** What transformers and peft write, in the environment that the set-up makes for the trainer: tests come after it, so it is there. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ziggurat-checkpoints-"));
  const python = join(root, ".ziggurat", "venv", "bin", "python");
  const script = join(root, "packages", "foundation", "test", "make_checkpoints.py");
  const environment = { ...process.env, HF_HUB_OFFLINE: "1", HF_HOME: join(folder, "hub") };
  facts = JSON.parse(execFileSync(python, [script, folder], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], env: environment }));
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder on disk. */
function onDisk(name: string): CheckpointSource {
  const at = join(folder, name);
  return {
    files: readdirSync(at).map((path) => ({ path, sizeBytes: statSync(join(at, path)).size })),
    async read(path, start, length) {
      const file = await open(join(at, path));
      try {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, start);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    decode: (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
  };
}
const look = async (name: string, kind: ArtifactKind, base?: string) =>
  inspectCheckpoint(onDisk(name), kind, base === undefined ? null : await readBaseModules(`foundation/${base}@1`, onDisk(base)));
const FAMILIES = [
  ["llama", "llama"],
  ["qwen2", "qwen2"],
  ["qwen3", "qwen3"],
  ["mistral", "mistral"],
  ["glm", "glm"],
  ["gemma", "gemma"],
  ["gpt_neox", "gpt_neox"],
  ["bloom", "bloom"],
  ["mixtral", "moe"],
] as const;

describe.each(FAMILIES)("a real checkpoint of %s", (name, family) => {
  it("is recognised, and its parameters are counted as torch counts them", async () => {
    const { problems, inspection } = await look(name, "full");
    expect([problems, inspection.findings]).toEqual([[], []]);
    expect(inspection).toMatchObject({ family: { name: family }, architecture: { layers: 2, hiddenSize: 16, vocabulary: 64, heads: 4 } });
    expect(inspection.weights?.parameters).toBe(facts[name]?.parameters);
  });

  it("takes an adapter that peft made for it, and not one that was never trained", async () => {
    const { problems, inspection } = await look(`${name}-adapter`, "adapter", name);
    expect(problems).toEqual([]);
    expect(inspection.adapter).toMatchObject({ method: "LORA", rank: 2, alpha: 4, checkedAgainst: `foundation/${name}@1` });
    expect((await look(`${name}-untrained`, "adapter", name)).problems.map(({ code }) => code)).toEqual(["adapter_no_effect"]);
  });
});

it.each([
  ["llama-adapter", "bloom", "adapter_target_missing"],
  ["bloom-adapter", "llama", "adapter_target_missing"],
])("a real adapter on a base it was not made for: %s on %s", async (adapter, base, code) => {
  const codes = (await look(adapter, "adapter", base)).problems.map((problem) => problem.code);
  expect(codes).toContain(code);
});
