import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { bundleProgram } from "../../test/bundle.js";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aCheckpoint, askImport, ended, hasFiles, importOf, versionsOf } from "../../test/import-fixtures.js";
import { until } from "../../test/jobs-bench.js";
import { register, sha256 } from "../../test/registry-fixtures.js";
import { type Spawned, spawnProgram } from "../../test/spawned.js";
import { type StandInHub, standInHub } from "../../test/stand-in-hub.js";

// Real processes take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let hub: StandInHub;
let platform: TestPlatform;
let engineer: Client;
let program: string;
let worker: Spawned | null = null;

/** People ask a process of the HTTP role that stays; the transfer lives in the one that is killed. */
beforeAll(async () => {
  hub = await standInHub();
  platform = await startPlatform({ env: { HF_ENDPOINT: hub.url } });
  engineer = await platform.addPerson("platform", "engineer@platform.example", "platform_engineer");
  program = await bundleProgram(join(import.meta.dirname, "../../test/platform-process.ts"), "platform-process-imports");
});
afterEach(async () => {
  await kill();
});
afterAll(async () => {
  await platform?.close();
  await hub?.close();
});

async function start(): Promise<void> {
  const { config, database } = platform;
  worker = spawnProgram(program, [JSON.stringify({ ...config, role: "all", http: { ...config.http, port: 0 } }), database.appUrl]);
  await worker.line("url");
}

async function kill(): Promise<void> {
  await worker?.end("SIGKILL");
  worker = null;
}

const files = aCheckpoint(400_000, "killed");
const ask = async (slug: string) => {
  hub.push(Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, { bytes, lfs: path.endsWith(".safetensors") }])));
  await register(engineer, { tier: "foundation", slug });
  return (await askImport(engineer, { model: `foundation/${slug}`, source: { kind: "huggingface", repo: "org/model" } })).body.id as string;
};

describe("kill -9 of the worker", () => {
  it("in the middle of a file: another goes on behind what is there and finishes once, with the same digests", async () => {
    await start();
    hub.behaviour.slow = 100;
    const id = await ask("base");
    const half = await until(async () => {
      const now = await importOf(engineer, id);
      return now.bytes.done > 700_000 && now.files.done >= 4 ? now : null;
    }, "half of it");
    await kill();
    hub.behaviour.slow = 0;
    const before = hub.asked.length;
    await start();
    const done = await ended(engineer, id);
    expect([done.state, done.failure]).toEqual(["done", null]);
    await hasFiles(engineer, done.version, files);
    const asked = hub.asked.slice(before);
    expect(asked.map(({ path }) => path.split("/").at(-1))).toEqual(["model.safetensors"]);
    expect(Number(/^bytes=(\d+)-$/.exec(asked[0]?.range ?? "")?.[1])).toBeGreaterThan(0);
    expect(half.revision).toBe(done.revision);
    expect(await versionsOf(platform, "foundation/base")).toHaveLength(1);
    const stored = await asSystem<{ path: string; stored_sha256: string }>(
      platform,
      "select path, stored_sha256 from import_files where import_id = $1",
      [id],
    );
    for (const { path, stored_sha256 } of stored) expect([path, stored_sha256]).toEqual([path, sha256(files[path] ?? "")]);
  });

  it("again and again, at any moment: one version with every byte", async () => {
    hub.behaviour.slow = 15;
    const id = await ask("often");
    for (const pause of [700, 400, 1500]) {
      await start();
      await new Promise((resolve) => setTimeout(resolve, pause));
      await kill();
      // What a killed process held is free at once here, so that the next one takes it in its first moments.
      await asSystem(
        platform,
        "update imports set lease_until = now(), due_at = case when due_at is not null then now() end where id = $1",
        [id],
      );
    }
    hub.behaviour.slow = 0;
    await start();
    const done = await ended(engineer, id);
    expect(done.failure).toBeNull();
    await hasFiles(engineer, done.version, files);
    expect(await versionsOf(platform, "foundation/often")).toHaveLength(1);
  });

  it("with every queue message lost, the row alone brings the import to its end", async () => {
    const id = await ask("lost");
    await asSystem(platform, "delete from outbox");
    await asSystem(platform, "drop schema if exists bullmq cascade");
    await start();
    expect((await ended(engineer, id)).state).toBe("done");
  });
});

it("a worker that is told to stop gives its import back, and another goes on at once", async () => {
  await start();
  hub.behaviour.slow = 100;
  const id = await ask("handed");
  await until(async () => (await importOf(engineer, id)).bytes.done > 300_000, "some bytes");
  expect(await worker?.end("SIGTERM")).toBe(0);
  worker = null;
  const [row] = await asSystem<{ lease_id: string | null; state: string }>(platform, "select lease_id, state from imports where id = $1", [
    id,
  ]);
  expect(row).toEqual({ lease_id: null, state: "transferring" });
  hub.behaviour.slow = 0;
  await start();
  const done = await ended(engineer, id, 15);
  await hasFiles(engineer, done.version, files);
});
