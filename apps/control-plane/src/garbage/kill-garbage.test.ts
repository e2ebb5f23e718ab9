import { existsSync } from "node:fs";
import { join } from "node:path";
import { type GarbageCollection, paths } from "@ziggurat/contracts";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { bundleProgram } from "../../test/bundle.js";
import { asSystem, startPlatform, type TestPlatform } from "../../test/harness.js";
import { until } from "../../test/jobs-bench.js";
import { upload } from "../../test/registry-fixtures.js";
import { type Spawned, spawnProgram } from "../../test/spawned.js";

// Real processes take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Some batches of them. */
const FILES = 450;

let platform: TestPlatform;
let program: string;
let worker: Spawned | null = null;
beforeAll(async () => {
  platform = await startPlatform();
  program = await bundleProgram(join(import.meta.dirname, "../../test/platform-process.ts"), "platform-process-garbage");
});
afterEach(() => kill());
afterAll(() => platform?.close());

async function start(): Promise<void> {
  const { config, database } = platform;
  worker = spawnProgram(program, [JSON.stringify({ ...config, role: "all", http: { ...config.http, port: 0 } }), database.appUrl]);
  await worker.line("url");
}

async function kill(): Promise<void> {
  await worker?.end("SIGKILL");
  worker = null;
}

it("kill -9 in the middle of a collection: the next start finishes it, and what came back meanwhile is there", async () => {
  const digests: string[] = [];
  for (let n = 0; n < FILES; n += 1) digests.push(await upload(platform.admin, `killed ${n}`));
  await asSystem(platform, "update blobs set created_at = now() - interval '2 days'");
  await asSystem(platform, "update blob_grants set claimed_at = now() - interval '2 days'");
  const look = (await platform.admin.get(paths.garbage())).body;
  expect(look.blobs.count).toBe(FILES);
  const { body } = await platform.admin.post(paths.garbageCollections(), { until: look.until, reason: "space" });

  await start();
  await until(async () => (await asSystem(platform, "select 1 from blob_removals limit 1")).length > 0, "the first note");
  await kill();
  const half: GarbageCollection = (await platform.admin.get(paths.garbageCollection(body.id))).body;
  expect([half.state, half.removed.count < FILES]).toEqual(["running", true]);
  // Whatever it had come to: every file that is gone is noted, and none that a row names is missing.
  const rows = await asSystem<{ sha256: string }>(platform, "select sha256 from blobs");
  const noted = await asSystem<{ sha256: string }>(platform, "select sha256 from blob_removals");
  expect(rows.length + noted.length).toBe(FILES);
  expect(rows.filter(({ sha256 }) => !existsSync(placeOf(sha256)))).toEqual([]);

  const last = Math.max(...noted.map(({ sha256 }) => digests.indexOf(sha256)));
  const again = await upload(platform.admin, `killed ${last}`);
  // Its lease has run out.
  await asSystem(platform, "update garbage_collections set due_at = now()");
  await start();
  const finished = async () => {
    const now: GarbageCollection = (await platform.admin.get(paths.garbageCollection(body.id))).body;
    return now.state === "done" && now;
  };
  const done = await until(finished, "the end of the collection", 90);
  expect([done.removed.count + done.cameBack, done.detail]).toEqual([FILES, null]);
  expect(digests.filter((digest) => existsSync(placeOf(digest)))).toEqual([again]);
  expect(await asSystem(platform, "select sha256 from blobs")).toEqual([{ sha256: again }]);
});

function placeOf(digest: string): string {
  return join(platform.dataDir, "blobs", digest.slice(0, 2), digest.slice(2, 4), digest);
}
