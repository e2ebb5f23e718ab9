import { existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Garbage, type GarbageCollection, paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Answer, asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, aSafetensors, dataset, forceState, released, sha256, upload, versionId } from "../../test/registry-fixtures.js";
import { newId } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { BLOB_STORE, type BlobStore } from "../registry/blobs/blob-store.js";
import { CollectGarbageWork } from "./collect-garbage.service.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let serial = 0;
const next = (): number => {
  serial += 1;
  return serial;
};
beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
});
afterAll(() => platform.close());

/** Each test begins with nothing to collect. */
beforeEach(async () => {
  await age();
  await collected();
  vi.restoreAllMocks();
});

const look = async (): Promise<Garbage> => (await platform.admin.get(paths.garbage())).body;
const ask = async (until?: string, client: Client = platform.admin): Promise<Answer> =>
  client.post(paths.garbageCollections(), { until: until ?? (await look()).until, reason: "space" });
const work = (id: string) => platform.app.get(CollectGarbageWork, { strict: false }).collect({ collectionId: id as never });
const read = async (id: string): Promise<GarbageCollection> => (await platform.admin.get(paths.garbageCollection(id))).body;
async function collected(): Promise<GarbageCollection> {
  const { body } = await ask();
  await work(body.id);
  return read(body.id);
}
/** Whatever there is was claimed two days ago. */
async function age(): Promise<void> {
  await asSystem(platform, "update blobs set created_at = now() - interval '2 days'");
  await asSystem(platform, "update blob_grants set claimed_at = now() - interval '2 days'");
}
const placeOf = (digest: string) => join(platform.dataDir, "blobs", digest.slice(0, 2), digest.slice(2, 4), digest);
const some = (client: Client, words = `garbage ${next()}`): Promise<string> => upload(client, words);
const isThere = async (digest: string): Promise<readonly [row: boolean, file: boolean]> => {
  const rows = await asSystem(platform, "select 1 from blobs where sha256 = $1", [digest]);
  return [rows.length > 0, existsSync(placeOf(digest))];
};
const head = (client: Client, digest: string) => fetch(client.url + paths.blob(digest), { method: "HEAD", headers: client.headers });
function lay(path: string, hoursAgo: number, content = "left behind"): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  const at = new Date(Date.now() - hoursAgo * 3_600_000);
  utimesSync(path, at, at);
  return path;
}

describe("a look at the garbage", () => {
  it("counts what nothing refers to and nobody claimed within the grace, names no institution, and changes nothing", async () => {
    const digest = await some(people.member, "of a secret project");
    const young = await look();
    expect([young.blobs.count, young.graceHours]).toEqual([0, 24]);
    await age();
    const answer = await platform.admin.get(paths.garbage());
    expect(answer.body).toMatchObject({ blobs: { count: 1, bytes: 19 }, first: [{ sha256: digest, sizeBytes: 19 }], openCollection: null });
    expect(answer.text).not.toMatch(/northbank|ins_/);
    expect(await isThere(digest)).toEqual([true, true]);
    expect((await look()).blobs.count).toBe(1);
  });

  it("is for administrators of the platform alone, and so is a collection", async () => {
    for (const client of [people.engineer, people.admin, people.member]) {
      expect((await client.get(paths.garbage())).status).toBe(403);
      expect((await ask(new Date(0).toISOString(), client)).status).toBe(403);
    }
  });
});

describe("a collection", () => {
  it("removes rows and files that nobody needs, and what a version, data or a score stands on stays", async () => {
    const gone = await some(people.member);
    await dataset(people.member, "northbank/kept", '{"text":"kept"}\n');
    await age();
    const before = await asSystem<{ sha256: string }>(
      platform,
      "select sha256 from version_files union select stored_sha256 from dataset_versions",
    );
    const done = await collected();
    expect(done).toMatchObject({ state: "done", removed: { count: 1 }, cameBack: 0, detail: null });
    expect(await isThere(gone)).toEqual([false, false]);
    for (const { sha256: digest } of before) expect(existsSync(placeOf(digest))).toBe(true);
    const audited = await asSystem(platform, "select action from audit_entries where object = $1 order by id", [done.id]);
    expect(audited).toEqual([{ action: "garbage.collect" }, { action: "garbage.finish" }]);
  });

  it("keeps bytes that two institutions brought as long as one of them claims them", async () => {
    const digest = await some(people.member, "the same in both banks");
    await some(people.stranger, "the same in both banks");
    await age();
    // Asking whether they are here still is a claim.
    expect((await head(people.stranger, digest)).status).toBe(200);
    await collected();
    expect(await isThere(digest)).toEqual([true, true]);
    await age();
    await collected();
    expect(await isThere(digest)).toEqual([false, false]);
  });

  it("keeps what an unfinished job may still seal, and everything of an institution on hold", async () => {
    const digest = await some(people.member);
    await age();
    const job = newId("job");
    await asSystem(
      platform,
      `insert into jobs (id, institution_id, model_id, kind, method, tier, hyperparameters, seed, state, requested_by, requested_by_name, created_at)
       select $1, institution_id, id, 'tune', 'lora', 'institution', '{}', 1, 'running', 'test', 'test', now() - interval '3 days' from models
       where namespace = 'northbank' limit 1`,
      [job],
    );
    await collected();
    expect(await isThere(digest)).toEqual([true, true]);
    await asSystem(platform, "update jobs set state = 'failed', finished_at = now() where id = $1", [job]);
    const hold = await platform.admin.post(paths.holds(), { institution: "northbank", reason: "case 12" });
    expect(hold.status).toBe(201);
    await collected();
    expect(await isThere(digest)).toEqual([true, true]);
    const reviewer = await platform.addPerson("platform", "reviewer@platform.example", "compliance_reviewer");
    await platform.admin.post(paths.holdLift(hold.body.id), { reason: "closed" });
    expect((await reviewer.post(paths.holdLiftConfirm(hold.body.id))).body.state).toBe("lifted");
    await collected();
    expect(await isThere(digest)).toEqual([false, false]);
  });

  it("keeps what an import under way has fetched, stored or half, and lets go of one that ended long ago", async () => {
    const digest = await some(people.engineer);
    const [id, owner] = [newId("import"), people.engineer.viewer.institutionId];
    await asSystem(
      platform,
      `insert into imports (id, institution_id, model_id, request, state, files_done, requested_by, requested_by_name)
       select $1, institution_id, id, '{}', 'running', 1, 'test', 'test' from models where namespace = 'foundation' limit 1`,
      [id],
    );
    await asSystem(
      platform,
      "insert into import_files (import_id, n, institution_id, path, size_bytes, stored_sha256) values ($1, 0, $2, 'a', 1, $3)",
      [id, owner, digest],
    );
    await age();
    const half = lay(join(platform.dataDir, "blobs", "partial", owner, `${id}-1`), 48);
    const endedAgo = (interval: string) =>
      asSystem(platform, "update imports set state = 'failed', finished_at = now() - $2::interval where id = $1", [id, interval]);
    for (const end of [null, "1 hour"]) {
      if (end !== null) await endedAgo(end);
      expect(await collected()).toMatchObject({ removed: { count: 0 }, uploads: { count: 0 } });
      expect([end, await isThere(digest), existsSync(half)]).toEqual([end, [true, true], true]);
    }
    await endedAgo("2 days");
    expect(await collected()).toMatchObject({ removed: { count: 1 }, uploads: { count: 1 } });
    expect([await isThere(digest), existsSync(half)]).toEqual([[false, false], false]);
    // Asked for again, it fetches the file anew.
    expect(await asSystem(platform, "select stored_sha256 from import_files where import_id = $1", [id])).toEqual([
      { stored_sha256: null },
    ]);
    expect(await asSystem(platform, "select files_done from imports where id = $1", [id])).toEqual([{ files_done: 0 }]);
  });

  it("gives back the space of a purged version, whose digests stay, but not of what another version shares", async () => {
    const parents = [{ version: people.finance, relation: "finetuned_from" }];
    const [own, shared] = [aSafetensors(8, `own ${next()}`), Buffer.from(`shared ${next()}`)];
    const files = { "a.safetensors": own, "notes.txt": shared };
    const old = await released(platform, people.admin, "northbank/cards", { parents, files });
    await released(platform, people.admin, "northbank/cards", { parents, files: { ...files, "a.safetensors": aSafetensors(8, "other") } });
    await forceState(platform, old, "retired");
    const { body } = await people.admin.post(paths.purgePreview(), { version: old });
    expect(body.blockers).toEqual([]);
    expect((await people.admin.post(paths.purges(), { version: old, graph: body.graph, reason: "old" })).status).toBe(201);
    await age();
    await collected();
    expect([await isThere(sha256(own)), await isThere(sha256(shared))]).toEqual([
      [false, false],
      [true, true],
    ]);
    expect((await people.admin.get(paths.versionFiles(old))).body.data).toHaveLength(2);
  });

  it("leaves nothing to seal: whoever names bytes that are gone is told to upload them again", async () => {
    const digest = await some(people.member);
    await age();
    await collected();
    const answer = await people.member.post(paths.versions("northbank/cards"), { files: [{ path: "a.txt", sha256: digest }] });
    expect([answer.status, answer.body.errors[0].code]).toEqual([422, "blob_unknown"]);
    expect(await some(people.member, "again")).toHaveLength(64);
  });
});

describe("killed between row and file", () => {
  const store = () => platform.app.get<BlobStore>(BLOB_STORE, { strict: false });

  it("goes on with what was noted, once however often it is delivered", async () => {
    const digest = await some(people.member);
    await age();
    vi.spyOn(store(), "remove").mockRejectedValueOnce(new Error("the power went"));
    const { body } = await ask();
    await expect(work(body.id)).rejects.toThrow("the power went");
    expect(await isThere(digest)).toEqual([false, true]);
    expect(await read(body.id)).toMatchObject({ state: "running", detail: "the power went", removed: { count: 0 } });
    await Promise.all([work(body.id), work(body.id)]);
    await work(body.id);
    expect(await isThere(digest)).toEqual([false, false]);
    expect(await read(body.id)).toMatchObject({ state: "done", detail: null, removed: { count: 1 } });
  });

  it("is not done while another worker's notes are open", async () => {
    const { body } = await ask();
    const digest = "e".repeat(64);
    const note = "insert into blob_removals (collection_id, institution_id, sha256, size_bytes) values ($1, $2, $3, 1)";
    const collector = platform.app.get(CollectGarbageWork, { strict: false });
    vi.spyOn(collector, "removeNoted").mockImplementationOnce(async () => {
      // Forgotten by a worker that is killed now, after this one looked for notes.
      await asSystem(platform, note, [body.id, platform.admin.viewer.institutionId, digest]);
    });
    await work(body.id);
    expect((await read(body.id)).state).toBe("running");
    lay(placeOf(digest), 1);
    await work(body.id);
    expect([(await read(body.id)).state, existsSync(placeOf(digest))]).toEqual(["done", false]);
  });

  it("leaves a file alone that somebody brought again before the rest was done", async () => {
    const digest = await some(people.member, "it comes back");
    await age();
    vi.spyOn(store(), "remove").mockRejectedValueOnce(new Error("the power went"));
    const { body } = await ask();
    await expect(work(body.id)).rejects.toThrow();
    await some(people.stranger, "it comes back");
    await work(body.id);
    expect(await isThere(digest)).toEqual([true, true]);
    expect(await read(body.id)).toMatchObject({ state: "done", removed: { count: 0 }, cameBack: 1 });
    expect((await head(people.stranger, digest)).headers.get("upload-complete")).toBe("?1");
  });
});

it("never loses bytes of an upload that was answered while they were being removed", async () => {
  for (let round = 0; round < 12; round += 1) {
    const words = `raced ${round}`;
    const digest = await some(people.member, words);
    await age();
    const { body } = await ask();
    await Promise.all([work(body.id), some(people.stranger, words), some(people.member, words)]);
    expect([round, await isThere(digest)]).toEqual([round, [true, true]]);
    expect(statSync(placeOf(digest)).size).toBe(words.length);
  }
}, 60_000);

describe("files that no row knows", () => {
  it("go when they are old: strays under a digest and uploads that nobody went on with", async () => {
    const [old, young] = ["a".repeat(64), "b".repeat(64)];
    const owner = people.admin.viewer.institutionId;
    const kept = [lay(placeOf(young), 1), lay(join(platform.dataDir, "blobs", "partial", owner, "c".repeat(64)), 1)];
    const left = [lay(placeOf(old), 48), lay(join(platform.dataDir, "blobs", "partial", owner, "d".repeat(64)), 48)];
    const foreign = lay(join(platform.dataDir, "blobs", "README"), 48);
    expect(await look()).toMatchObject({ uploads: { count: 1, bytes: 11 }, strays: { count: 1, bytes: 11 } });
    expect(left.map((path) => existsSync(path))).toEqual([true, true]);
    expect(await collected()).toMatchObject({ uploads: { count: 1, bytes: 11 }, strays: { count: 1, bytes: 11 } });
    expect(left.map((path) => existsSync(path))).toEqual([false, false]);
    expect([...kept, foreign].map((path) => existsSync(path))).toEqual([true, true, true]);
  });
});

it("shows no tenant what was removed, however it looks", async () => {
  await some(people.member);
  await age();
  await collected();
  const unitOfWork = platform.app.get(UnitOfWork);
  for (const table of ["garbage_collections", "blob_removals"]) {
    const rows = (client: Client) => unitOfWork.run(client.viewer, (tx) => tx.query(`select 1 from ${table} limit 1`));
    expect([table, await rows(people.member), await rows(platform.admin)]).toEqual([table, [], [expect.anything()]]);
    const deleted = unitOfWork.run(platform.admin.viewer, (tx) => tx.query(`delete from ${table}`));
    await expect(deleted).rejects.toThrow("permission denied");
  }
});

describe("what is asked for", () => {
  it("may not reach into the grace, and one collection is under way at a time", async () => {
    const soon = await ask(new Date().toISOString());
    expect([soon.status, soon.body.errors[0]]).toMatchObject([422, { code: "garbage_until", pointer: "/until" }]);
    const first = await ask();
    const second = await ask();
    expect([first.status, second.status, second.body.errors[0].code]).toEqual([202, 409, "garbage_open"]);
    expect((await look()).openCollection).toBe(first.body.id);
    await work(first.body.id);
  });

  it("is answered once for a repeated key, and refused with unknown fields or without a reason", async () => {
    const { until } = await look();
    const send = () => platform.admin.post(paths.garbageCollections(), { until, reason: "space" }, { "idempotency-key": "collect-once" });
    const [one, two] = [await send(), await send()];
    expect([one.status, two.status, two.body.id]).toEqual([202, 202, one.body.id]);
    await work(one.body.id);
    const bad = await platform.admin.post(paths.garbageCollections(), { until, reason: " ", all: true });
    expect([bad.status, bad.body.errors.map((e: { pointer: string }) => e.pointer).sort()]).toEqual([400, ["/all", "/reason"]]);
  });

  it("is listed newest first, page by page", async () => {
    const first = (await platform.admin.get(`${paths.garbageCollections()}?limit=1`)).body;
    const second = (await platform.admin.get(`${paths.garbageCollections()}?limit=1&cursor=${encodeURIComponent(first.nextCursor)}`)).body;
    expect(first.data[0].id > second.data[0].id).toBe(true);
    expect((await platform.admin.get(paths.garbageCollection(newId("garbageCollection")))).status).toBe(404);
  });
});

it("says of every version's files afterwards that they are what was sealed", async () => {
  await age();
  await collected();
  const id = await versionId(platform, people.finance);
  const files = await asSystem<{ sha256: string }>(platform, "select sha256 from version_files where version_id = $1", [id]);
  for (const { sha256: digest } of files) expect(await isThere(digest)).toEqual([true, true]);
});
