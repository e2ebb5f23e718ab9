import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { paths } from "@ziggurat/contracts";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { bundleProgram } from "../../test/bundle.js";
import { aLeaver, download, start, state } from "../../test/exit-fixtures.js";
import { asSystem, startPlatform, type TestPlatform } from "../../test/harness.js";
import { until } from "../../test/jobs-bench.js";
import { upload } from "../../test/registry-fixtures.js";
import { type Spawned, spawnProgram } from "../../test/spawned.js";

// Real processes take their time on a busy machine.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** Some marks of them. */
const FILES = 500;

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aLeaver>>;
let program: string;
let worker: Spawned | null = null;
const digests: string[] = [];
beforeAll(async () => {
  platform = await startPlatform({ env: { ZIGGURAT_EXIT_COOLING_OFF_DAYS: "0" } });
  people = await aLeaver(platform);
  for (let n = 0; n < FILES; n += 1) digests.push(await upload(people.admin, `${n} of northbank's`.padEnd(5000, ".")));
  program = await bundleProgram(join(import.meta.dirname, "../../test/platform-process.ts"), "platform-process-exits");
});
afterEach(() => kill());
afterAll(() => platform?.close());

async function run(): Promise<void> {
  const { config, database } = platform;
  worker = spawnProgram(program, [JSON.stringify({ ...config, role: "all", http: { ...config.http, port: 0 } }), database.appUrl]);
  await worker.line("url");
}

async function kill(): Promise<void> {
  await worker?.end("SIGKILL");
  worker = null;
}

it("kill -9 in the middle of an export: the next start goes on, and the archive verifies", async () => {
  const asked = await people.admin.post(paths.exitExports("northbank"));
  const now = async () =>
    (
      await asSystem<{ files_done: number; archive_bytes: string; state: string }>(
        platform,
        "select files_done, archive_bytes, state from institution_exports",
      )
    )[0];
  await run();
  const half = await until(async () => {
    const row = await now();
    return row !== undefined && row.files_done > 0 && row;
  }, "the first mark");
  await kill();
  expect([half.state, half.files_done < FILES]).toEqual(["running", true]);
  const reached = Number((await now())?.archive_bytes);
  // Its lease has run out.
  await asSystem(platform, "update institution_exports set due_at = now()");
  await run();
  const done = await until(
    async () => {
      const { body } = await people.admin.get(paths.exitExport("northbank", asked.body.id));
      return body.state === "done" && body;
    },
    "the export",
    90,
  );
  expect(done.files.done).toBe(done.files.total);
  expect(done.bytes.done).toBeGreaterThan(reached);
  const [file, key] = [join(platform.dataDir, "taken.tar"), join(platform.dataDir, "key.pem")];
  writeFileSync(file, await download(people.admin, asked.body.id));
  writeFileSync(key, (await people.admin.get(paths.auditKey())).text);
  const verified = spawnSync(
    process.execPath,
    [join(import.meta.dirname, "../../../../tooling/cli/verify-export.mjs"), file, "--key", key],
    { encoding: "utf8" },
  );
  expect([verified.stderr, verified.status]).toEqual(["", 0]);
});

it("kill -9 in the middle of an erasure, several times: what is left goes, once, and the certificate counts all of it", async () => {
  expect((await start(people.admin)).status).toBe(200);
  const approved = await platform.admin.post(paths.exitAct("northbank", "approve"), { confirm: "northbank" });
  expect([approved.status, approved.body.errors]).toEqual([200, undefined]);
  const steps = async () => (await state(platform.admin)).exit?.progress.done ?? 0;
  for (const step of [1, 20]) {
    await asSystem(platform, "update institution_exits set due_at = now() where state in ('leaving', 'erasing')");
    await run();
    await until(async () => (await steps()) >= step, `step ${step}`, 60);
    await kill();
  }
  await asSystem(platform, "update institution_exits set due_at = now() where state = 'erasing'");
  await run();
  await until(async () => (await state(platform.admin)).state === "erased", "the erasure", 90);
  expect(digests.filter((digest) => existsSync(join(platform.dataDir, "blobs", digest.slice(0, 2), digest.slice(2, 4), digest)))).toEqual(
    [],
  );
  const { body } = await platform.admin.get(paths.exitCertificate("northbank"));
  const certificate = JSON.parse(Buffer.from(body.payload, "base64").toString());
  const counts = new Map(certificate.tables.map((each: { table: string; deleted: number }) => [each.table, each.deleted]));
  expect(counts.get("blob_grants")).toBeGreaterThanOrEqual(FILES);
  const [held] = await asSystem<{ n: number }>(platform, "select count(*)::int as n from erased_files");
  expect(certificate.files.count).toBe(held?.n);
  expect(await asSystem(platform, "select 1 from erased_files where fate in ('noted', 'forgotten')")).toEqual([]);
  const finishes = await asSystem(platform, "select 1 from audit_entries where action = 'exit.finish'");
  expect(finishes).toHaveLength(2);
});
