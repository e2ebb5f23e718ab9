import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExportedEntry as EntryShape, type ExportedEntry, ExportManifest, paths } from "@ziggurat/contracts";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, send, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import { AuditSealer } from "../audit-sealer.js";
import { digestOfEntry, digestOfLink, type EntryRow } from "../chain-link.js";

const VERIFIER = join(import.meta.dirname, "../../../../../tooling/cli/verify-audit.mjs");

let platform: TestPlatform;
let folder: string;
let keyFile: string;
let north: Client;
let south: Client;
let all: Client;
beforeAll(async () => {
  platform = await startPlatform();
  folder = mkdtempSync(join(tmpdir(), "ziggurat-export-"));
  for (const slug of ["northbank", "southbank"]) await platform.addInstitution(slug);
  north = await platform.addPerson("northbank", "auditor@north.example", "auditor");
  south = await platform.addPerson("southbank", "auditor@south.example", "auditor");
  all = await platform.addPerson("platform", "auditor@platform.example", "auditor");
  await write(north, 11, "cards");
  await platform.app.get(AuditSealer).seal();
  await write(north, 20, "fraud \u2028 贷款");
  await write(south, 3, "secret of south");
  await platform.app.get(AuditSealer).seal();
  keyFile = join(folder, "key.pem");
  writeFileSync(keyFile, (await send(platform.url, "GET", paths.auditKey())).text);
});
afterAll(async () => {
  await platform?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

async function write(client: Client, count: number, object: string): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await platform.app
      .get(UnitOfWork)
      .run(client.viewer, (tx) => tx.audit({ institutionId: client.viewer.institutionId, action: "model.change", object, after: { n } }));
  }
}

async function exported(client: Client, query: Readonly<Record<string, string>> = {}): Promise<string> {
  const answer = await client.get(`${paths.auditExport()}?${new URLSearchParams(query)}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-disposition")).toMatch(/attachment; filename="audit-[a-z-]+-\d{8}T\d{6}Z\.jsonl"/);
  return answer.text;
}

let files = 0;
function file(text: string | Uint8Array): string {
  files += 1;
  const path = join(folder, `export-${files}.jsonl`);
  writeFileSync(path, text);
  return path;
}

/** The verifier as an auditor runs it: a process of its own that knows the file and the key alone. */
function verify(text: string | Uint8Array, ...more: readonly string[]): Promise<{ code: number; said: string }> {
  const args = [VERIFIER, file(text), "--key", keyFile, ...more];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: {} }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, said: stdout + stderr }),
    );
  });
}

const linesOf = (text: string) => text.split("\n").filter((line) => line !== "");
const joined = (lines: readonly string[]) => `${lines.join("\n")}\n`;
const entriesOf = (text: string): ExportedEntry[] =>
  linesOf(text)
    .slice(0, -1)
    .map((line) => EntryShape.parse(JSON.parse(line)));
const manifestOf = (text: string): ExportManifest =>
  ExportManifest.parse(JSON.parse(Buffer.from(JSON.parse(linesOf(text).at(-1) ?? "").payload, "base64").toString()));

describe("an export", () => {
  it("of an institution holds its chain from the first sealed entry to the last, nobody else's, and verifies alone", async () => {
    const text = await exported(north);
    const entries = entriesOf(text);
    expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, index) => index + 1));
    expect(entries.length).toBeGreaterThanOrEqual(31);
    expect(text).not.toContain("south");
    expect(manifestOf(text).chains).toMatchObject([{ chain: "northbank", entries: entries.length, sequences: [[1, entries.length]] }]);
    const { code, said } = await verify(text);
    expect([code, said]).toEqual([0, expect.stringContaining(`northbank: ${entries.length} entries hold`)]);
  });

  it("of a slice verifies without the entries it leaves out", async () => {
    const text = await exported(north, { "filter[object]": "cards" });
    expect(entriesOf(text)).toHaveLength(11);
    expect(await verify(text)).toMatchObject({ code: 0, said: expect.stringContaining("northbank: 11 entries hold") });
    const one = await exported(north, { "filter[action]": "session.open" });
    expect(await verify(one)).toMatchObject({ code: 0 });
    const none = await exported(north, { "filter[object]": "no such thing" });
    expect(await verify(none)).toMatchObject({ code: 0, said: expect.stringContaining("northbank: 0 entries hold") });
  });

  it("of the platform's people holds every chain, or the one they ask for", async () => {
    const text = await exported(all);
    expect(manifestOf(text).chains.map(({ chain }) => chain)).toEqual(["northbank", "platform", "southbank"]);
    expect(await verify(text)).toMatchObject({ code: 0 });
    const one = await exported(all, { "filter[chain]": "southbank" });
    expect(new Set(entriesOf(one).map(({ chain }) => chain))).toEqual(new Set(["southbank"]));
  });

  it("without proofs is smaller and still verifies, since the whole chain gives the root", async () => {
    const [bare, full] = [await exported(north, { proofs: "none" }), await exported(north)];
    expect(bare.length).toBeLessThan(full.length);
    expect(await verify(bare)).toMatchObject({ code: 0 });
  });

  it("since an older one proves that the log merely grew", async () => {
    const older = await exported(north);
    const size = manifestOf(older).chains[0]?.treeSize ?? 0;
    await write(north, 5, "later");
    await platform.app.get(AuditSealer).seal();
    const newer = await exported(north, { "filter[chain]": "northbank", since: String(size) });
    expect(entriesOf(newer)[0]?.sequence).toBe(size + 1);
    const olderFile = file(older);
    expect(await verify(newer, "--since", olderFile)).toMatchObject({
      code: 0,
      said: expect.stringContaining(`only grew since its head of ${size}`),
    });
    expect(await verify(await exported(north), "--since", olderFile)).toMatchObject({ code: 1 });
    expect(await verify(await exported(south, { "filter[chain]": "southbank", since: "1" }), "--since", olderFile)).toMatchObject({
      code: 1,
    });
  });

  it("is itself written into the chains it was taken from", async () => {
    await exported(all, { "filter[chain]": "southbank" });
    const rows = await asSystem<{ actor_id: string; object: string }>(
      platform,
      `select e.actor_id, e.object from audit_entries e join institutions i on i.id = e.institution_id
        where e.action = 'audit.export' and i.slug = 'southbank' order by e.id desc limit 1`,
    );
    expect(rows).toEqual([{ actor_id: all.viewer.userId, object: "southbank" }]);
  });

  it("is refused for another's chain, a chain unknown, without the scope, and for wishes that do not go together", async () => {
    const ask = async (client: Client, query: string) => (await client.get(`${paths.auditExport()}?${query}`)).body;
    expect((await ask(south, "filter[chain]=northbank")).errors[0].code).toBe("chain_unknown");
    expect((await ask(south, "filter[chain]=nowhere")).errors[0].code).toBe("chain_unknown");
    expect((await ask(north, "proofs=none&filter[object]=cards")).errors[0].code).toBe("proofs_needed");
    expect((await ask(north, "since=2")).errors[0].code).toBe("since_without_chain");
    expect((await ask(north, "filter[chain]=northbank&since=100000")).errors[0].code).toBe("since_beyond");
    expect((await ask(north, "colour=red")).code).toBe("invalid");
    const member = await platform.addPerson("northbank", "member@north.example", "institution_member");
    expect((await ask(member, "")).code).toBe("insufficient_scope");
  });
});

describe("the offline verifier", () => {
  it("finds a flipped byte in any line and names the entry", async () => {
    const lines = linesOf(await exported(north, { "filter[object]": "cards" }));
    const entries = entriesOf(joined(lines));
    for (const [index, line] of lines.slice(0, -1).entries()) {
      // A place in the line that moves on from entry to entry, so that every member is met.
      const at = Math.floor((line.length * (index + 0.5)) / (lines.length - 1));
      const flipped = line.slice(0, at) + String.fromCharCode(line.charCodeAt(at) ^ 1) + line.slice(at + 1);
      const { code, said } = await verify(joined(lines.with(index, flipped)));
      expect([code, said]).toEqual([
        1,
        expect.stringMatching(new RegExp(`line ${index + 1}: entry #${entries[index]?.sequence} of northbank`)),
      ]);
    }
  });

  it("finds every single flipped bit of one line, whichever byte it is in", async () => {
    const { verifyExport } = await import(VERIFIER);
    const text = await exported(north, { "filter[action]": "session.open" });
    const [first = ""] = linesOf(text);
    const bytes = Buffer.from(text);
    const key = (await send(platform.url, "GET", paths.auditKey())).text;
    for (let at = 0; at < Buffer.byteLength(first); at += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(at) ^ 4, at);
      const path = file(flipped);
      await expect(verifyExport(path, key), `byte ${at}`).rejects.toThrow(/entry #\d+ of northbank|line 1/);
      rmSync(path);
    }
    // Without its end the line and the signed one are a single line that is neither.
    const merged = Buffer.from(text.replace("\n", " "));
    await expect(verifyExport(file(merged), key)).rejects.toThrow();
  });

  it("finds a removed line, an added one, exchanged ones and a cut off end", async () => {
    const lines = linesOf(await exported(north));
    const without = lines.toSpliced(6, 1);
    expect(await verify(joined(without))).toMatchObject({ code: 1, said: expect.stringContaining("entry #7 of northbank is missing") });
    expect(await verify(joined(lines.slice(1)))).toMatchObject({
      code: 1,
      said: expect.stringContaining("entry #1 of northbank is missing"),
    });
    expect(await verify(joined(lines.toSpliced(-2, 1)))).toMatchObject({
      code: 1,
      said: expect.stringMatching(/entry #\d+ of northbank is missing/),
    });
    const doubled = lines.toSpliced(4, 0, lines[3] ?? "");
    expect(await verify(joined(doubled))).toMatchObject({
      code: 1,
      said: expect.stringContaining("line 5: entry #5 of northbank was moved to line 6"),
    });
    const exchanged = lines.with(2, lines[9] ?? "").with(9, lines[2] ?? "");
    expect(await verify(joined(exchanged))).toMatchObject({
      code: 1,
      said: expect.stringContaining("entry #3 of northbank was moved to line 10"),
    });
    expect(await verify(joined(lines.slice(0, -1)))).toMatchObject({ code: 1, said: expect.stringContaining("no signed manifest") });
    expect(await verify(joined([...lines, lines[0] ?? ""]))).toMatchObject({ code: 1 });
    expect(await verify("")).toMatchObject({ code: 1 });
  });

  it("finds a line from another institution's export put among them", async () => {
    const lines = linesOf(await exported(north));
    const [foreign = ""] = linesOf(await exported(south));
    expect(await verify(joined(lines.with(0, foreign)))).toMatchObject({
      code: 1,
      said: expect.stringContaining("entry #1 of northbank is missing"),
    });
    const renamed = foreign.replace('"southbank"', '"northbank"');
    expect(await verify(joined(lines.with(0, renamed)))).toMatchObject({
      code: 1,
      said: expect.stringContaining("entry #1 of northbank was altered"),
    });
  });

  it("finds an entry that was rewritten with its digest and its link", async () => {
    const lines = linesOf(await exported(north));
    const line: ExportedEntry = JSON.parse(lines[12] ?? "");
    const entry = { ...line.entry, reason: "rewritten" };
    const digest = digestOfEntry(rowOf(entry));
    const forged = { ...line, entry, digest, link: digestOfLink(line.previousLink, digest) };
    expect(await verify(joined(lines.with(12, JSON.stringify(forged))))).toMatchObject({
      code: 1,
      said: expect.stringContaining("entry #13 of northbank was altered: it does not stand in the signed log"),
    });
    const bare = linesOf(await exported(north, { proofs: "none" }));
    const { proof: _, ...unproven } = forged;
    const { previousLink: __, ...next } = JSON.parse(bare[13] ?? "");
    expect(await verify(joined(bare.with(12, JSON.stringify(unproven))))).toMatchObject({
      code: 1,
      said: expect.stringContaining("#14 of northbank"),
    });
    expect(next.sequence).toBe(14);
  });

  it("refuses a manifest that was changed, a signature of another key, and any other key", async () => {
    const lines = linesOf(await exported(north));
    const envelope = JSON.parse(lines.at(-1) ?? "");
    const manifest = manifestOf(joined(lines));
    const payload = Buffer.from(JSON.stringify({ ...manifest, exportedBy: "Somebody else" })).toString("base64");
    expect(await verify(joined(lines.with(-1, JSON.stringify({ ...envelope, payload }))))).toMatchObject({
      code: 1,
      said: expect.stringContaining("the signature in the last line does not hold"),
    });
    const other = join(folder, "other.pem");
    writeFileSync(other, generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }));
    expect(await verify(joined(lines), "--key", other)).toMatchObject({ code: 1, said: expect.stringContaining("the key given is") });
    expect(await verify(joined(lines), "--key", join(folder, "none.pem"))).toMatchObject({ code: 2 });
    expect(await verify(joined(lines), "--since", join(folder, "none.jsonl"))).toMatchObject({ code: 2 });
  });
});

describe("an export of a log that somebody changed in the database", () => {
  it("names the altered entry, and is refused when its digest was changed too", async () => {
    const intruder = new pg.Client({ connectionString: platform.database.superuserUrl });
    await intruder.connect();
    try {
      await intruder.query("set session_replication_role = replica");
      const at =
        "where id = (select c.entry_id from audit_chain c join institutions i on i.id = c.institution_id where i.slug = 'southbank' and c.sequence = 2)";
      const { rows } = await intruder.query(`update audit_entries set reason = 'x' ${at} returning *`);
      expect(await verify(await exported(south))).toMatchObject({
        code: 1,
        said: expect.stringContaining("entry #2 of southbank was altered"),
      });
      await intruder.query(`update audit_entries set digest = '${digestOfEntry(rows[0])}' ${at}`);
      const refused = await south.get(paths.auditExport());
      expect([refused.status, refused.body.errors[0].code]).toEqual([409, "audit_chain_broken"]);
    } finally {
      await intruder.end();
    }
  });
});

function rowOf(entry: ExportedEntry["entry"]): Omit<EntryRow, "digest" | "redacted_at"> {
  return {
    id: entry.id,
    institution_id: entry.institutionId,
    at: new Date(entry.at),
    actor_id: entry.actorId,
    actor_name: entry.actorName,
    request_id: entry.requestId,
    action: entry.action,
    object: entry.object,
    reason: entry.reason,
    before_digest: entry.beforeDigest,
    after_digest: entry.afterDigest,
  };
}
