import { mkdir, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type GarbageCollection, paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, draft, sha256, upload } from "../../test/registry-fixtures.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { COLLECTOR, CollectGarbageWork } from "./collect-garbage.service.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let root: Client;

beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  root = platform.admin;
});
afterAll(() => platform.close());

const work = () => platform.app.get(CollectGarbageWork, { strict: false });
const onDisk = (digest: string) => join(platform.dataDir, "blobs", digest.slice(0, 2), digest.slice(2, 4), digest);
const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
const head = async (client: Client, digest: string) =>
  (await fetch(client.url + paths.blob(digest), { method: "HEAD", headers: client.headers })).status;
const codes = (answer: { body: { errors?: { code: string }[] } }) => answer.body.errors?.map(({ code }) => code);
const look = async () => (await root.get(paths.garbage())).body;

/** Makes these blobs, and all claims of them, two days old. */
async function age(...digests: string[]): Promise<void> {
  await asSystem(platform, "update blobs set created_at = now() - interval '2 days' where sha256 = any($1)", [digests]);
  await asSystem(platform, "update blob_grants set claimed_at = now() - interval '2 days' where sha256 = any($1)", [digests]);
}
async function aged(client: Client, text: string): Promise<string> {
  const digest = await upload(client, text);
  await age(digest);
  return digest;
}
const twoDaysAgo = () => new Date(Date.now() - 2 * 86_400_000);

async function ask(until?: string): Promise<GarbageCollection> {
  const answer = await root.post(paths.garbageCollections(), { until: until ?? (await look()).until, reason: "the disk is full" });
  if (answer.status !== 202) throw new Error(answer.text);
  return answer.body;
}
/** Asks, has the worker do it, and answers what became of it. */
async function collect(until?: string): Promise<GarbageCollection> {
  const { id } = await ask(until);
  await work().collect({ collectionId: id });
  return (await root.get(paths.garbageCollection(id))).body;
}

const partial = (owner: string, name: string) => join(platform.dataDir, "blobs", "partial", owner, name);
const lay = async (path: string, text: string, when = twoDaysAgo()) => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await utimes(path, when, when);
};

describe("a collection", () => {
  it("takes more than one batch, and names no more than a page of it beforehand", async () => {
    const digests = [];
    for (let n = 0; n < 230; n += 1) digests.push(sha256(`many ${n}`));
    await asSystem(
      platform,
      "insert into blobs (sha256, size_bytes, created_at) select d, 1, now() - interval '2 days' from unnest($1::text[]) d",
      [digests],
    );
    for (const digest of digests) {
      await mkdir(dirname(onDisk(digest)), { recursive: true });
      await writeFile(onDisk(digest), "1");
    }
    expect((await look()).first).toHaveLength(50);
    expect((await collect()).removed).toEqual({ count: 230, bytes: 230 });
    expect(await Promise.all(digests.map((digest) => isThere(onDisk(digest))))).not.toContain(true);
  });

  it("spares what was asked for or sent again between the preview and the removal", async () => {
    const [asked, sent, idle] = [
      await aged(people.admin, "asked for again"),
      await aged(people.admin, "sent again"),
      await aged(people.admin, "idle"),
    ];
    const { until } = await look();
    expect(await head(people.admin, asked)).toBe(200);
    expect((await people.admin.put(paths.blob(sent), Buffer.from("sent again"))).status).toBe(200);
    const done = await collect(until);
    expect([done.expected.count, done.removed.count]).toEqual([1, 1]);
    expect(await Promise.all([asked, sent, idle].map((digest) => head(people.admin, digest)))).toEqual([200, 200, 404]);
  });

  it("spares what a draft or a dataset has looked at, although nothing was written of it", async () => {
    const [weights, rows] = [await aged(people.admin, "looked at"), await aged(people.admin, "not JSON lines")];
    const { until } = await look();
    const files = [weights, sha256("never sent")].map((digest, n) => ({ path: `${n}.txt`, sha256: digest }));
    expect(codes(await people.admin.post(paths.versions("northbank/cards"), { files }))).toEqual(["blob_unknown"]);
    const place = { namespace: "northbank", slug: "looked-at", name: "Looked at", format: "text" };
    await people.admin.post(paths.datasets(), { ...place, licence: "CC-BY-4.0", legalBasis: "own_generation", sensitivity: "internal" });
    expect((await people.admin.post(paths.datasetVersions("northbank/looked-at"), { sha256: rows })).status).toBe(422);
    await collect(until);
    expect(await Promise.all([weights, rows].map((digest) => isThere(onDisk(digest))))).toEqual([true, true]);
  });

  it("spares an upload that somebody went on with after the preview", async () => {
    const bytes = Buffer.from("goes on after two days");
    const owner = people.admin.viewer.institutionId;
    const [mine, given] = [partial(owner, sha256(bytes)), partial(owner, sha256("given up"))];
    await lay(mine, "goes on");
    await lay(given, "giv");
    expect((await look()).uploads).toEqual({ count: 2, bytes: 10 });
    const { until } = await look();
    const part = await people.admin.put(paths.blob(sha256(bytes)), bytes.subarray(7, 12), {
      "content-range": `bytes 7-11/${bytes.length}`,
    });
    expect(part.status).toBe(204);
    expect((await collect(until)).uploads).toEqual({ count: 1, bytes: 3 });
    expect([await isThere(mine), await isThere(given)]).toEqual([true, false]);
    const last = await people.admin.put(paths.blob(sha256(bytes)), bytes.subarray(12), {
      "content-range": `bytes 12-${bytes.length - 1}/${bytes.length}`,
    });
    expect(last.status).toBe(201);
  });

  it("is taken up again by its row when a turn broke off, and says why", async () => {
    const digest = await aged(people.admin, "cannot be unlinked");
    await rm(onDisk(digest));
    await mkdir(join(onDisk(digest), "in the way"), { recursive: true });
    const { id } = await ask();
    await expect(work().collect({ collectionId: id })).rejects.toThrow();
    const broken = (await root.get(paths.garbageCollection(id))).body;
    expect(broken.state).toBe("running");
    expect(broken.detail).toEqual(expect.any(String));
    expect((await look()).openCollection).toBe(id);
    await rm(onDisk(digest), { recursive: true });
    await asSystem(platform, "delete from outbox");
    await asSystem(platform, "update garbage_collections set due_at = now() where id = $1", [id]);
    await work().enqueueDue();
    expect(await asSystem(platform, "select payload from outbox where name = 'garbage.collect'")).toEqual([
      { payload: { collectionId: id } },
    ]);
    await work().collect({ collectionId: id });
    expect((await root.get(paths.garbageCollection(id))).body).toMatchObject({ state: "done", detail: null });
  });
});

describe("a removal that somebody crosses", () => {
  it("never loses bytes that were acknowledged, whoever comes first", async () => {
    const bytes = Array.from({ length: 40 }, (_, n) => Buffer.from(`raced ${n}`));
    const owners = [people.admin, people.stranger];
    for (let round = 0; round < 5; round += 1) {
      for (const one of bytes) await upload(people.admin, one);
      await age(...bytes.map((one) => sha256(one)));
      const { id } = await ask();
      const [answers] = await Promise.all([
        Promise.all(bytes.map((one, n) => (owners[n % 2] ?? people.admin).put(paths.blob(sha256(one)), one))),
        work().collect({ collectionId: id }),
        work().collect({ collectionId: id }),
      ]);
      for (const [n, one] of bytes.entries()) {
        expect([200, 201]).toContain(answers[n]?.status);
        expect((await (owners[n % 2] ?? people.admin).get(paths.blob(sha256(one)))).text).toBe(one.toString());
      }
      expect((await root.get(paths.garbageCollection(id))).body.state).toBe("done");
    }
  });

  it("never leaves a version without its bytes: a draft either keeps them or is told to upload them again", async () => {
    for (let round = 0; round < 10; round += 1) {
      const text = `drafted ${round}`;
      const digest = await aged(people.admin, text);
      const { id } = await ask();
      const files = [{ path: "notes.txt", sha256: digest }];
      const [made] = await Promise.all([
        people.admin.post(paths.versions("northbank/cards"), { files }),
        work().collect({ collectionId: id }),
      ]);
      if (made.status === 201) expect((await people.admin.get(paths.blob(digest))).text).toBe(text);
      else expect([made.status, codes(made)]).toEqual([422, ["blob_unknown"]]);
      expect(await isThere(onDisk(digest))).toBe(made.status === 201);
    }
  });

  it("never removes what a transaction under way refers to", async () => {
    const digest = await aged(people.admin, "being referred to");
    const ref = (await draft(people.admin, "northbank/cards", { files: { "a.txt": "another" } })).body.ref;
    const { id } = await ask();
    await platform.app.get(UnitOfWork).run(COLLECTOR, async (tx) => {
      await tx.query(
        `insert into version_files (version_id, institution_id, path, sha256, size_bytes, kind)
         select v.id, v.institution_id, 'b.txt', $2, 1, 'other' from versions v join models m on m.id = v.model_id
         where m.namespace || '/' || m.slug || '@' || v.number = $1`,
        [ref, digest],
      );
      // It does not wait for us either.
      await work().collect({ collectionId: id });
    });
    expect((await people.admin.get(paths.blob(digest))).text).toBe("being referred to");
  });
});

it("leaves every file of the store with a row, and every row with a file", async () => {
  const done = await collect();
  expect(done.state).toBe("done");
  const rows = await asSystem<{ sha256: string }>(
    platform,
    "select sha256 from blobs where sha256 not in (select items_sha256 from evaluations)",
  );
  for (const { sha256: digest } of rows) expect([digest, await isThere(onDisk(digest))]).toEqual([digest, true]);
  const names = await readdir(join(platform.dataDir, "blobs"), { recursive: true });
  const files = names.map((name) => name.split("/").at(-1) ?? "").filter((name) => /^[0-9a-f]{64}$/.test(name));
  expect(files.sort()).toEqual(rows.map(({ sha256: digest }) => digest).sort());
});
