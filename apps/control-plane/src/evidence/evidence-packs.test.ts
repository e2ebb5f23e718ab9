import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { paths } from "@ziggurat/contracts";
import pg from "pg";
import { extract, pack as packTar } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Answer, asSystem, type Client, send, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, dataset, move, score, sealed, versionId } from "../../test/registry-fixtures.js";
import { AuditSealer } from "../audit/audit-sealer.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";

vi.setConfig({ testTimeout: 60_000 });

const VERIFIER = join(import.meta.dirname, "../../../../tooling/cli/verify-evidence.mjs");

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let auditor: Client;
let supervisor: Client;
let folder: string;
let keyFile: string;
let first: string;
/** After the first version became champion, and before anything that came later. */
let then: string;
let before: Buffer;

const seal = () => platform.app.get(AuditSealer).seal();
/** An instant that everything done so far lies before, and everything done next behind. */
const instant = async (): Promise<string> => {
  const [row] = await asSystem<{ at: Date }>(platform, "select clock_timestamp() + interval '2 milliseconds' as at from pg_sleep(0.01)");
  const at = row?.at ?? new Date();
  await vi.waitUntil(() => Date.now() > at.getTime() + 5);
  return at.toISOString();
};
const ask = (client: Client, query: Readonly<Record<string, string>>, model = "northbank/cards"): Promise<Answer> =>
  client.get(`${paths.evidencePack(model)}?${new URLSearchParams(query)}`);
const taken = async (client: Client, query: Readonly<Record<string, string>>, model = "northbank/cards"): Promise<Buffer> => {
  const response = await fetch(`${client.url}${paths.evidencePack(model)}?${new URLSearchParams(query)}`, { headers: client.headers });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) throw new Error(bytes.toString());
  return bytes;
};
const release = async (ref: string, data: string): Promise<void> => {
  await score(platform, ref, data, { exactMatch: 0.9 });
  await score(platform, people.finance, data, { exactMatch: 0.1 }, ref);
  for (const state of ["in_review", "released"]) {
    const answer = await move(state === "released" ? people.northReleaser : people.admin, ref, state, `to ${state}`);
    if (answer.status !== 200) throw new Error(answer.text);
  }
};

beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  auditor = await platform.addPerson("northbank", "auditor@north.example", "auditor");
  supervisor = await platform.addPerson("platform", "auditor@platform.example", "auditor");
  folder = mkdtempSync(join(tmpdir(), "ziggurat-evidence-"));
  keyFile = join(folder, "key.pem");
  writeFileSync(keyFile, (await send(platform.url, "GET", paths.auditKey())).text);
  const training = await dataset(people.member, "northbank/calls", CHAT, "chat");
  first = await sealed(people.admin, "northbank/cards", {
    artifactKind: "adapter",
    parents: [{ version: people.finance, relation: "adapter_of" }],
  });
  await asSystem(
    platform,
    `insert into dataset_uses (version_id, dataset_version_id, institution_id, job_id)
     select v.id, d.id, v.institution_id, null from versions v, dataset_versions d join datasets s on s.id = d.dataset_id
     where v.id = $1 and s.namespace || '/' || s.slug || '@' || d.number = $2`,
    [await versionId(platform, first), training],
  );
  await release(first, await dataset(people.member, "northbank/held-out", CHAT.repeat(2), "chat"));
  await people.admin.put(
    paths.alias("northbank/cards", "champion"),
    { version: 1, reason: "the first that is good" },
    { "if-none-match": "*" },
  );
  await seal();
  then = await instant();
  before = await taken(auditor, { at: then });
});
afterAll(async () => {
  await platform?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const CHAT = `${JSON.stringify({
  messages: [
    { role: "user", content: "hi" },
    { role: "assistant", content: "hello" },
  ],
})}\n`;

async function entriesOf(archive: Buffer): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const reader = extract();
  reader.end(archive);
  for await (const entry of reader) found.set(entry.header.name, await buffer(entry));
  return found;
}
async function archiveOf(entries: Iterable<readonly [string, Buffer]>): Promise<Buffer> {
  const archive = packTar();
  for (const [name, body] of entries) archive.entry({ name, mtime: new Date(0), mode: 0o644 }, body);
  archive.finalize();
  return buffer(archive);
}
const jsonIn = (entries: Map<string, Buffer>, path: string) => JSON.parse(entries.get(path)?.toString() ?? "null");

let files = 0;
/** The verifier as an auditor runs it: a process of its own that knows the file and the key alone. */
function verify(archive: Buffer, key = keyFile): Promise<{ code: number; said: string }> {
  files += 1;
  const path = join(folder, `pack-${files}.tar`);
  writeFileSync(path, archive);
  return new Promise((resolve) => {
    execFile(process.execPath, [VERIFIER, path, "--key", key], { env: {} }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, said: stdout + stderr }),
    );
  });
}

describe("a pack", () => {
  it("holds what stood behind the champion at the instant, and verifies alone", async () => {
    const entries = await entriesOf(before);
    expect(jsonIn(entries, "subject.json")).toMatchObject({
      institution: "northbank",
      model: "northbank/cards",
      at: then,
      version: first,
      state: "released",
      alias: { name: "champion", reason: "the first that is good" },
    });
    expect(jsonIn(entries, "ancestry.json").versions.map(({ ref, state }: { ref: string; state: string }) => [ref, state])).toEqual([
      [people.foundation, "released"],
      [people.finance, "released"],
      [first, "released"],
    ]);
    expect(jsonIn(entries, "data.json").uses).toEqual([{ version: first, dataset: "northbank/calls@1" }]);
    expect(jsonIn(entries, "data.json").datasets).toMatchObject([
      { ref: "northbank/calls@1", licence: "CC-BY-4.0", legalBasis: "own_generation", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { ref: "northbank/held-out@1" },
    ]);
    expect(
      jsonIn(entries, "evaluations.json")
        .map(({ exactMatch }: { exactMatch: number }) => exactMatch)
        .sort(),
    ).toEqual([0.1, 0.9]);
    expect(
      jsonIn(entries, "approvals.json")
        .transitions.filter(({ version }: { version: string }) => version === first)
        .map(({ state, by, reason }: { state: string; by: string; reason: string }) => [state, by, reason]),
    ).toEqual([
      ["sealed", "admin", "test"],
      ["in_review", "admin", "to in_review"],
      ["released", "releaser", "to released"],
    ]);
    expect([...entries.keys()].filter((path) => path.startsWith("signatures/northbank/cards@1."))).toHaveLength(1);
    expect(await verify(before)).toEqual({
      code: 0,
      said: expect.stringMatching(
        /northbank\/cards@1 as of .*\nnorthbank: \d+ entries hold[\s\S]*1 records of sealings are what the log says\n1 signatures of releases hold\nVERIFIED: \d+ entries\n/,
      ),
    });
  });

  it("is the same bytes after the version was recalled, renamed, followed and replaced, whoever asks", async () => {
    const data = await dataset(people.member, "northbank/held-out", CHAT.repeat(3), "chat");
    const second = await sealed(people.admin, "northbank/cards", {
      artifactKind: "adapter",
      parents: [{ version: people.finance, relation: "adapter_of" }],
    });
    await release(second, data);
    const alias = await people.admin.get(paths.alias("northbank/cards", "champion"));
    const moved = await people.admin.put(
      paths.alias("northbank/cards", "champion"),
      { version: 2, reason: "better" },
      { "if-match": alias.headers.get("etag") ?? "" },
    );
    expect([moved.status, moved.text]).toEqual([200, expect.stringContaining("cards@2")]);
    const model = await people.admin.get(paths.model("northbank/cards"));
    const renamed = await people.admin.patch(
      paths.model("northbank/cards"),
      { name: "New name", licence: "MIT" },
      { "if-match": model.headers.get("etag") ?? "*" },
    );
    expect(renamed.status).toBe(200);
    await asSystem(platform, "update institutions set name = 'Another' where slug = 'northbank'");
    await score(platform, first, data, { exactMatch: 0.5 });
    expect((await move(people.admin, first, "quarantined", "doubts")).status).toBe(200);
    await move(people.engineer, people.finance, "deprecated", "old");
    await seal();
    expect(await taken(auditor, { at: then })).toEqual(before);
    expect(await taken(supervisor, { at: then, alias: "champion" })).toEqual(before);

    await seal();
    const now = await instant();
    const entries = await entriesOf(await taken(auditor, { at: now }));
    expect(jsonIn(entries, "subject.json")).toMatchObject({ version: second, alias: { name: "champion", reason: "better" } });
    const older = await entriesOf(await taken(auditor, { at: now, version: "1" }));
    expect(jsonIn(older, "subject.json")).toMatchObject({ version: first, state: "quarantined", alias: null });
    expect(jsonIn(older, "recalls.json").withdrawn).toMatchObject([{ version: first, state: "quarantined", reason: "doubts" }]);
  });

  it("is written into the owner's log each time, and not into itself", async () => {
    await taken(supervisor, { at: then });
    const rows = await asSystem<{ object: string }>(
      platform,
      "select e.object from audit_entries e join institutions i on i.id = e.institution_id where i.slug = 'northbank' and e.action = 'evidence.export' and e.actor_id = $1",
      [supervisor.viewer.userId],
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(rows.map(({ object }) => object))).toEqual(new Set([first]));
    expect(before.includes("evidence.export")).toBe(false);
  });
});

describe("the verifier", () => {
  it("names the entry of which one byte was changed, whichever it is", async () => {
    const entries = await entriesOf(before);
    for (const path of entries.keys()) {
      const changed = new Map(entries);
      const body = Buffer.from(entries.get(path) ?? "");
      body[Math.floor(body.length / 2)] = (body[Math.floor(body.length / 2)] ?? 0) ^ 1;
      changed.set(path, body);
      expect(await verify(await archiveOf(changed))).toEqual({ code: 1, said: expect.stringContaining(path) });
    }
  });

  it("names the entry that is missing, and the one that was added", async () => {
    const entries = await entriesOf(before);
    const without = new Map(entries);
    without.delete("terms.json");
    expect(await verify(await archiveOf(without))).toEqual({
      code: 1,
      said: "NOT VERIFIED: missing: terms.json was signed and is not in the archive\n",
    });
    expect(await verify(await archiveOf([...entries, ["extra.json", Buffer.from("{}")]]))).toEqual({
      code: 1,
      said: "NOT VERIFIED: extra: extra.json was not signed\n",
    });
    expect(await verify(await archiveOf([...entries, ["terms.json", Buffer.from("{}")]]))).toMatchObject({
      code: 1,
      said: expect.stringContaining("twice"),
    });
    expect(await verify(before.subarray(0, before.length - 4096))).toMatchObject({ code: 1 });
    expect(await verify(Buffer.concat([before, Buffer.alloc(512, 1)]))).toMatchObject({ code: 1 });
  });

  it("refuses another key", async () => {
    const other = join(folder, "other.pem");
    writeFileSync(other, generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }));
    expect(await verify(before, other)).toMatchObject({
      code: 1,
      said: expect.stringContaining("wrong key: the pack was signed by the key"),
    });
  });
});

it("does not verify when the record of a sealing was rewritten before it was packed, and says which", async () => {
  await seal();
  const at = await instant();
  const intruder = new pg.Client({ connectionString: platform.database.superuserUrl });
  await intruder.connect();
  const rewrite = (from: string, to: string) =>
    intruder.query('update version_seals set record = replace(record, $1, $2) where record like \'%"ref":"northbank/cards@1"%\'', [
      from,
      to,
    ]);
  try {
    await intruder.query("set session_replication_role = replica");
    expect((await rewrite('"createdBy":"admin"', '"createdBy":"nobody"')).rowCount).toBe(1);
    const { code, said } = await verify(await taken(auditor, { at, version: "1" }));
    expect([code, said]).toEqual([1, expect.stringContaining("seals/northbank/cards@1.json: it is not the record that the log speaks of")]);
  } finally {
    await rewrite('"createdBy":"nobody"', '"createdBy":"admin"');
    await intruder.end();
  }
  expect((await verify(await taken(auditor, { at, version: "1" }))).code).toBe(0);
});

describe("a pack is refused", () => {
  const refused = async (client: Client, query: Readonly<Record<string, string>>, model?: string) => {
    const { status, body } = await ask(client, query, model);
    return [status, body.errors.map(({ code, pointer }: { code: string; pointer?: string }) => `${code} ${pointer ?? ""}`.trim())];
  };

  it("for an instant ahead, and for one whose log is not sealed yet", async () => {
    expect(await refused(auditor, { at: new Date(Date.now() + 60_000).toISOString() })).toEqual([422, ["instant_future /at"]]);
    await platform.as("auditor@north.example");
    expect(await refused(auditor, { at: await instant() })).toEqual([422, ["instant_unsealed /at"]]);
    await seal();
    expect((await ask(auditor, { at: await instant() })).status).toBe(200);
  });

  it("while a transaction that began by then may still add to the past", async () => {
    await seal();
    let at = "";
    await platform.app.get(UnitOfWork).run(auditor.viewer, async (tx) => {
      await tx.query("select 1");
      at = await instant();
      expect(await refused(auditor, { at })).toEqual([422, ["instant_unsealed /at"]]);
    });
    expect((await ask(auditor, { at })).status).toBe(200);
  });

  it("where the alias pointed nowhere then, or the version was not sealed", async () => {
    const early =
      (await asSystem<{ at: Date }>(platform, "select created_at as at from models where slug = 'cards'"))[0]?.at.toISOString() ?? "";
    expect(await refused(auditor, { at: early })).toEqual([422, ["alias_unset /alias"]]);
    expect(await refused(auditor, { at: then, alias: "candidate" })).toEqual([422, ["alias_unset /alias"]]);
    expect(await refused(auditor, { at: then, version: "2" })).toEqual([422, ["version_unsealed /version"]]);
    expect(await refused(auditor, { at: then, version: "99" })).toEqual([422, ["version_unsealed /version"]]);
    expect(await refused(auditor, { at: then, version: "1", alias: "champion" })).toEqual([400, ["alias_or_version /version"]]);
  });

  it("to another institution as if there were nothing, to its own people without the right, and for a shared model to tenants", async () => {
    expect((await ask(people.stranger, { at: then })).status).toBe(404);
    expect((await ask(auditor, { at: then }, "northbank/none")).status).toBe(404);
    expect((await ask(people.member, { at: then })).status).toBe(403);
    expect(await refused(auditor, { at: then }, "foundation/base")).toEqual([403, ["role"]]);
    expect((await ask(supervisor, { at: then, version: "1" }, "foundation/base")).status).toBe(200);
  });
});
