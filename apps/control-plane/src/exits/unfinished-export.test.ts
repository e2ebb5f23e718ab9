import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { InstitutionExportId, paths } from "@ziggurat/contracts";
import pg from "pg";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { aLeaver, start, state } from "../../test/exit-fixtures.js";
import { asSystem, startPlatform, type TestPlatform } from "../../test/harness.js";
import { until } from "../../test/jobs-bench.js";
import { WriteExport } from "./archive/write-export.service.js";
import { Erasure } from "./erasure/erasure.service.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aLeaver>>;
let writer: WriteExport;
beforeAll(async () => {
  // Without a worker: what is written, and when, is this test's to say.
  platform = await startPlatform({ env: { ZIGGURAT_EXIT_COOLING_OFF_DAYS: "0" } });
  people = await aLeaver(platform);
  writer = platform.app.get(WriteExport);
});
afterAll(() => platform?.close());

const request = async () => InstitutionExportId.parse((await people.admin.post(paths.exitExports("northbank"))).body.id);
const seen = async (id: string) => (await people.admin.get(paths.exitExport("northbank", id))).body;
const callOff = async (id: string) => (await people.admin.post(paths.exitExportCancel("northbank", id))).status;
const folder = () => join(platform.dataDir, "exports", people.admin.viewer.institutionId);
const onDisk = () => (existsSync(folder()) ? readdirSync(folder()) : []);

it("an export that finds no room on the disk writes no file, says so, and goes on when there is", async () => {
  const { institutionId } = people.admin.viewer;
  const large = "f".repeat(64);
  await asSystem(platform, "insert into blobs (sha256, size_bytes) values ($1, 1000000000000000)", [large]);
  await asSystem(platform, "insert into blob_grants (institution_id, sha256) values ($1, $2)", [institutionId, large]);
  const id = await request();
  await writer.write({ exportId: id });
  await expect(writer.write({ exportId: id })).rejects.toThrow("no room");
  expect(await seen(id)).toMatchObject({ state: "running", files: { done: 0 }, detail: expect.stringContaining("no room") });
  expect(await callOff(id)).toBe(200);
  expect(onDisk()).toEqual([]);
  await asSystem(platform, "delete from blob_grants where sha256 = $1", [large]);
  await asSystem(platform, "delete from blobs where sha256 = $1", [large]);
});

it("an export that is called off while it is written leaves nothing behind", async () => {
  const id = await request();
  const blocker = new pg.Client({ connectionString: platform.database.superuserUrl });
  await blocker.connect();
  try {
    await blocker.query("begin; lock table blobs in access exclusive mode");
    const writing = writer.write({ exportId: id });
    await until(async () => (await blocker.query("select 1 from pg_locks where not granted")).rowCount === 1, "the list of files");
    expect(await callOff(id)).toBe(200);
    expect(onDisk()).toEqual([]);
    await blocker.query("commit");
    await writing;
  } finally {
    await blocker.end();
  }
  expect(onDisk()).toEqual([]);
  expect((await seen(id)).state).toBe("cancelled");
});

it("an erasure ends an export on its way, which is not taken up again behind it", async () => {
  const id = await request();
  await writer.write({ exportId: id });
  expect(onDisk()).not.toEqual([]);
  expect((await start(people.admin)).status).toBe(200);
  const approved = await platform.admin.post(paths.exitAct("northbank", "approve"), {
    confirm: "northbank",
    waiver: "they take nothing along",
  });
  expect([approved.status, approved.body.errors]).toEqual([200, undefined]);
  const [exit] = await asSystem<{ id: never }>(platform, "select id from institution_exits where state = 'leaving'");
  const erasure = platform.app.get(Erasure);
  await until(async () => {
    await erasure.erase({ exitId: exit?.id ?? ("" as never) });
    return (await state(platform.admin)).state === "erased";
  }, "the erasure");
  const [row] = await asSystem<{ state: string }>(platform, "select state from institution_exports where id = $1", [id]);
  expect(row?.state).toBe("cancelled");
  await writer.enqueueDue();
  await writer.write({ exportId: id });
  expect(onDisk()).toEqual([]);
});
