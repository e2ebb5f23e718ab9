import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type CreateImportInput, type Import, paths, type VersionFile } from "@ziggurat/contracts";
import { expect } from "vitest";
import type { Answer, Client, TestPlatform } from "./harness.js";
import { asSystem } from "./harness.js";
import { until } from "./jobs-bench.js";
import { aSafetensors } from "./registry-fixtures.js";

/** Random-looking bytes that are the same in every run. */
export function bytesOf(size: number, seed: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed * 2_654_435_761 + 1;
  for (let at = 0; at < size; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** A checkpoint as people keep it: weights of some size, configuration, an empty file, a folder. */
export const aCheckpoint = (numbers = 50_000, salt = "x"): Readonly<Record<string, Buffer>> => ({
  "model.safetensors": aSafetensors(numbers, salt),
  "config.json": Buffer.from(`{"model_type":"llama","salt":"${salt}"}`),
  "README.md": Buffer.from("# A model\n"),
  "original/notes.txt": bytesOf(200_000, 7),
  "empty.txt": Buffer.alloc(0),
});

export const askImport = (client: Client, request: CreateImportInput, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  client.post(paths.imports(), request, headers);

export async function importOf(client: Client, id: string): Promise<Import> {
  const answer = await client.get(paths.import(id));
  if (answer.status !== 200) throw new Error(`no import ${id}: ${answer.text}`);
  return answer.body;
}

/** Waits until nothing happens any more. */
export const ended = (client: Client, id: string, seconds = 60): Promise<Import> =>
  until(
    async () => {
      const now = await importOf(client, id);
      return ["done", "failed", "cancelled"].includes(now.state) ? now : null;
    },
    `the end of ${id}`,
    seconds,
  );

/** Asks and waits. */
export async function imports(client: Client, request: CreateImportInput): Promise<Import> {
  const answer = await askImport(client, request);
  if (answer.status !== 201) throw new Error(`no import: ${answer.text}`);
  return ended(client, answer.body.id);
}

/** The version has these files and every byte of them. */
export async function hasFiles(client: Client, ref: string | null, files: Readonly<Record<string, Buffer>>): Promise<void> {
  if (ref === null) throw new Error("the import made no version");
  const { data }: { data: VersionFile[] } = (await client.get(`${paths.versionFiles(ref)}?limit=200`)).body;
  expect(data.map(({ path }) => path).sort()).toEqual(Object.keys(files).sort());
  for (const [path, bytes] of Object.entries(files)) {
    const answer = await fetch(client.url + paths.versionFile(ref, path), { headers: client.headers });
    expect([path, answer.status, Buffer.from(await answer.arrayBuffer()).equals(bytes)]).toEqual([path, 200, true]);
  }
}

/** Versions of a model, whatever their state. */
export const versionsOf = (platform: Pick<TestPlatform, "app">, model: string): Promise<{ readonly number: number }[]> =>
  asSystem(
    platform,
    "select v.number, v.state from versions v join models m on m.id = v.model_id where m.namespace || '/' || m.slug = $1 order by 1",
    [model],
  );

/** Bytes that an import left lying half done. */
export function partialsOf(platform: Pick<TestPlatform, "dataDir">, id: string): string[] {
  return readdirSync(join(platform.dataDir, "blobs"), { recursive: true, encoding: "utf8" }).filter((name) => name.includes(id));
}
