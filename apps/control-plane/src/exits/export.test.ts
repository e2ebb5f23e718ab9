import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type InstitutionExport, paths } from "@ziggurat/contracts";
import pg from "pg";
import { extract } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aLeaver, download, exported, WORD } from "../../test/exit-fixtures.js";
import { asSystem, startPlatform, type TestPlatform } from "../../test/harness.js";
import { sha256 } from "../../test/registry-fixtures.js";
import { SEALED_COLUMNS } from "../platform/keys/sealed-columns.js";
import { FATES, SECRET_COLUMN } from "./table-fates.js";

const CHECKOUT = join(import.meta.dirname, "../../../..");

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aLeaver>>;
let folder: string;
let taken: InstitutionExport;
let archive: Buffer;
let entries: Map<string, Buffer>;
let key: string;
beforeAll(async () => {
  platform = await startPlatform({ role: "all" });
  people = await aLeaver(platform);
  folder = mkdtempSync(join(tmpdir(), "ziggurat-exit-"));
  taken = await exported(people.admin);
  archive = await download(people.admin, taken.id);
  entries = await unpacked(archive);
  key = join(folder, "key.pem");
  writeFileSync(key, (await people.admin.get(paths.auditKey())).text);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await platform?.close();
});

interface Column {
  readonly table: string;
  readonly column: string;
}

/** As the database itself says it, not any list of ours. */
const ownedColumns = () =>
  asSystem<Column>(
    platform,
    `select c.relname as table, a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and exists (select from pg_attribute o where o.attrelid = c.oid and o.attname = 'institution_id' and not o.attisdropped) order by 1, a.attnum`,
  );

describe("an export", () => {
  it("speaks of every table that institutions own and of every secret in one, so that none is forgotten", async () => {
    const columns = await ownedColumns();
    const tables = [...new Set(columns.map(({ table }) => table))];
    expect(tables.filter((table) => FATES[table] === undefined)).toEqual([]);
    expect(Object.keys(FATES).filter((table) => !tables.includes(table))).toEqual([]);
    const open = columns.filter(
      ({ table, column }) => SECRET_COLUMN.test(column) && FATES[table]?.exported === true && FATES[table].without?.[column] === undefined,
    );
    expect(open.map(({ table, column }) => `${table}.${column}`)).toEqual(HARMLESS);
    // What the vault has closed stays, whatever it is called.
    for (const { table, column } of SEALED_COLUMNS) {
      const fate = FATES[table];
      if (fate?.exported === true)
        expect([table, column, Object.keys(fate.without ?? {})]).toEqual([table, column, expect.arrayContaining([column])]);
    }
    const reasons = Object.values(FATES).flatMap(({ exported: is, without, erased }) => [
      ...(is === true ? [] : [is]),
      ...Object.values(without ?? {}),
      ...(erased.how === "keep" ? [erased.why] : []),
    ]);
    expect(reasons.filter((reason) => reason.trim().length < 10)).toEqual([]);
  });

  it("has each row of the institution as the database has it, but for what is left out, and no row of anybody else's", async () => {
    const { institutionId } = people.admin.viewer;
    const superuser = new pg.Client({ connectionString: platform.database.superuserUrl });
    await superuser.connect();
    try {
      let seen = 0;
      for (const [table, { exported: is, without = {} }] of Object.entries(FATES)) {
        if (is !== true) {
          expect([...entries.keys()].filter((path) => path.startsWith(`tables/${table}/`))).toEqual([]);
          continue;
        }
        const { rows } = await superuser.query<{ line: string }>(
          `select (to_jsonb(t)${Object.keys(without)
            .map((column) => ` - '${column}'`)
            .join("")})::text as line from "${table}" t
           where institution_id = $1 and ${table === "institution_exports" ? "false" : "true"}`,
          [institutionId],
        );
        const lines = linesOf(`tables/${table}/`).filter((line) => table !== "institution_exports" || line.length === 0);
        expect([table, lines.map(settled).sort()]).toEqual([table, rows.map(({ line }) => settled(line)).sort()]);
        if (rows.length > 0) seen += 1;
      }
      // The seed has something in most tables, so the comparison is about something.
      expect(seen).toBeGreaterThan(20);
    } finally {
      await superuser.end();
    }
    const whole = archive.toString("latin1");
    for (const foreign of [people.stranger.viewer.institutionId, people.stranger.viewer.userId, "southbank"])
      expect(whole).not.toContain(foreign);
    expect(whole).toContain(`a log of ${WORD}`);
  });

  it("has the bytes of everything by digest, and no secret of signing in", async () => {
    const held = await asSystem<{ sha256: string }>(
      platform,
      `select sha256 from version_files where institution_id = $1 union select stored_sha256 from dataset_versions where institution_id = $1
       union select sha256 from blob_grants where institution_id = $1`,
      [people.admin.viewer.institutionId],
    );
    expect(held.length).toBeGreaterThan(4);
    for (const { sha256: digest } of held) expect(sha256(entries.get(`files/${digest.slice(0, 2)}/${digest}`) ?? "")).toBe(digest);
    const secrets = await asSystem<{ secret: string }>(
      platform,
      `select password_hash as secret from users where password_hash <> '' union select secret_hash from tokens union select secret_hash from sessions
       union select csrf_token from sessions union select client_secret from identity_providers`,
    );
    expect(secrets.length).toBeGreaterThan(5);
    const whole = archive.toString("latin1");
    expect(secrets.filter(({ secret }) => whole.includes(secret))).toEqual([]);
    expect(whole).not.toContain("$argon2id$");
  });

  it("names parents as the institution sees them, with their digests", () => {
    const edges = linesOf("lineage/").map((line) => JSON.parse(line));
    expect(edges).toHaveLength(2);
    for (const edge of edges)
      expect(edge).toMatchObject({ relation: "adapter_of", parent: people.finance, parentDigest: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it("is verified elsewhere, without the platform", () => {
    const file = join(folder, "taken.tar");
    writeFileSync(file, archive);
    const said = execFileSync("npm", ["run", "-s", "verify-export", "--", file, "--key", key], { cwd: CHECKOUT, encoding: "utf8" });
    expect(said).toMatch(/all that is northbank's as of .*\n.*northbank: \d+ entries hold.*\n[\s\S]*VERIFIED: \d+ entries\n$/);
    expect(verify(file).stderr).toBe("");
    expect(verify(file).stdout).toContain("checked with the key inside, which proves nothing by itself");
  });

  it("names what was altered, wherever a byte is changed", () => {
    const file = join(folder, "altered.tar");
    const offsets = new Map<string, number>();
    for (let at = 0; archive[at] !== 0; ) {
      const path =
        archive
          .subarray(at, at + 100)
          .toString()
          .split("\0")[0] ?? "";
      offsets.set(path, at);
      const size = Number.parseInt(archive.subarray(at + 124, at + 135).toString(), 8);
      at += 512 + Math.ceil(size / 512) * 512;
    }
    const kinds = new Map(
      [...offsets].map(([path, at]) => [
        path
          .split("/")
          .slice(0, 2)
          .join("/")
          .replace(/^files\/.*/, "files"),
        [path, at] as const,
      ]),
    );
    expect(kinds.size).toBeGreaterThan(20);
    for (const [path, at] of kinds.values()) {
      // In the contents; in the header, where no checksum reaches; in the name.
      for (const place of [at + 512, at + 155, at + 101]) {
        const bytes = Buffer.from(archive);
        bytes[place] = (bytes[place] ?? 0) ^ 1;
        writeFileSync(file, bytes);
        const { status, stderr } = verify(file, key);
        expect([path, place - at, status]).toEqual([path, place - at, 1]);
        const outer =
          path.startsWith("manifest") || path === "entries.jsonl"
            ? /altered/
            : path.startsWith("audit/")
              ? /altered: (the header of )?audit\/|altered/
              : /altered/;
        expect(stderr).toMatch(outer);
        if (!path.startsWith("manifest")) expect(stderr).toContain(path);
      }
    }
    for (const cut of [archive.subarray(0, archive.length - 512), archive.subarray(0, 4096), Buffer.concat([archive, Buffer.alloc(512)])]) {
      writeFileSync(file, cut);
      expect(verify(file, key).status).toBe(1);
    }
  }, 120_000);

  it("is verified against the platform's key, and no other", async () => {
    const other = await startPlatform();
    try {
      const wrong = join(folder, "wrong.pem");
      writeFileSync(wrong, (await other.admin.get(paths.auditKey())).text);
      const file = join(folder, "taken.tar");
      writeFileSync(file, archive);
      expect(verify(file, wrong)).toMatchObject({ status: 1, stderr: expect.stringContaining("wrong key") });
    } finally {
      await other.close();
    }
  });

  it("is its administrators' alone: not its members', not another's, and not the platform's", async () => {
    const path = paths.exitExportArchive("northbank", taken.id);
    expect([
      (await platform.admin.get(path)).status,
      (await people.member.get(path)).status,
      (await people.reviewer.get(path)).status,
    ]).toEqual([403, 403, 403]);
    expect((await people.stranger.get(path)).status).toBe(404);
    expect((await people.stranger.get(paths.exitExportArchive("southbank", taken.id))).body.code).toBe("hidden");
    expect((await people.stranger.get(paths.exitExport("southbank", taken.id))).body.code).toBe("hidden");
    expect((await platform.admin.post(paths.exitExports("northbank"))).status).toBe(403);
    // The platform sees that there is one.
    expect((await platform.admin.get(paths.exit("northbank"))).body.exports).toMatchObject([{ id: taken.id, state: "done" }]);
  });

  it("is downloaded in parts, and noted once", async () => {
    const path = people.admin.url + paths.exitExportArchive("northbank", taken.id);
    const part = await fetch(path, { headers: { ...people.admin.headers, range: "bytes=100-611" } });
    expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 100-611/${archive.length}`]);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(archive.subarray(100, 612));
    const { body } = await people.admin.get(`${paths.audit()}?filter[action]=institution.export_read`);
    expect(body.data).toMatchObject([{ object: taken.id, actor: people.admin.viewer.userId }]);
  });

  it("is made once at a time, and can be called off", async () => {
    const [one, two] = await Promise.all([
      people.admin.post(paths.exitExports("northbank")),
      people.admin.post(paths.exitExports("northbank")),
    ]);
    expect(one.body.id).toBe(two.body.id);
    const off = await people.admin.post(paths.exitExportCancel("northbank", one.body.id));
    if (off.status === 200) expect(off.body.state).toBe("cancelled");
    else expect(off.body.errors).toMatchObject([{ code: "export_state" }]);
    expect((await people.stranger.post(paths.exitExportCancel("southbank", one.body.id))).body.code).toBe("hidden");
  });
});

/** Columns that sound like secrets and hold digests of contents, or a yes or no. */
const HARMLESS: readonly string[] = [
  "attempts.token_expires_at",
  "jobs.tokens",
  "jobs.tokens_per_second",
  "scim_uses.token_id",
  "users.must_change_password",
];

function verify(file: string, pem?: string) {
  const args = [join(CHECKOUT, "tooling/cli/verify-export.mjs"), file, ...(pem === undefined ? [] : ["--key", pem])];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", env: { PATH: process.env.PATH } });
  return { status, stdout, stderr };
}

function linesOf(folderPath: string): string[] {
  return [...entries]
    .filter(([path]) => path.startsWith(folderPath))
    .flatMap(([, body]) => body.toString("utf8").split("\n"))
    .filter((line) => line !== "");
}

async function unpacked(bytes: Buffer): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const reader = extract();
  reader.end(bytes);
  for await (const entry of reader) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
    found.set(entry.header.name, Buffer.concat(chunks));
  }
  return found;
}

/** When a job is looked at again is the platform's own affair, and may change between the export and the comparison. */
function settled(line: string): string {
  return line.replace(/"due_at": (?:null|"[^"]*")/, '"due_at": null');
}
