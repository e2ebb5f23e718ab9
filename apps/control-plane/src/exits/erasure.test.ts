import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ErasureCertificate, paths } from "@ziggurat/contracts";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { aLeaver, change, codes, download, exported, start, state, WORD } from "../../test/exit-fixtures.js";
import { asSystem, type Client, send, startPlatform, type TestPlatform } from "../../test/harness.js";
import { until } from "../../test/jobs-bench.js";
import { FATES } from "./table-fates.js";

const CHECKOUT = join(import.meta.dirname, "../../../..");

// Its loop looks every five seconds.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aLeaver>>;
let id: string;
/** What southbank and the owners of shared tiers read before northbank went. */
let before: ReadonlyMap<string, string>;
let certificatePath: string;
let verifiedBefore: unknown;
let reachBefore: unknown;
beforeAll(async () => {
  platform = await startPlatform({ role: "all", env: { ZIGGURAT_EXIT_COOLING_OFF_DAYS: "0" } });
  people = await aLeaver(platform);
  id = people.admin.viewer.institutionId;
  // A run that went on this machine, and an upload that was never finished.
  for (const folder of ["runs/zig-of-northbank-1", `blobs/partial/${id}`]) mkdirSync(join(platform.dataDir, folder), { recursive: true });
  writeFileSync(join(platform.dataDir, "runs/zig-of-northbank-1/log"), WORD);
  writeFileSync(join(platform.dataDir, `blobs/partial/${id}/${"d".repeat(64)}`), WORD);
  await asSystem(
    platform,
    "insert into clusters (id, name, driver, slots) values ('clu_' || repeat('1', 32), 'here', 'local', 1) on conflict do nothing",
  );
  await asSystem(
    platform,
    `insert into attempts (id, institution_id, job_id, number, key, cluster_id, state, token_hash, token_expires_at)
     select 'att_' || md5(id), institution_id, id, 1, 'zig-of-northbank-1', 'clu_' || repeat('1', 32), 'ended', 'hash', now() from jobs where institution_id = $1 limit 1`,
    [id],
  );
  await until(async () => (await asSystem(platform, "select 1 from audit_pending")).length === 0, "every seal");
  verifiedBefore = (await platform.admin.get(paths.auditVerify())).body;
  before = await readings();
  reachBefore = await reach();
});
afterAll(() => platform?.close());

const file = (digest: string) => join(platform.dataDir, "blobs", digest.slice(0, 2), digest.slice(2, 4), digest);

async function gone(): Promise<void> {
  await until(
    async () => {
      const now = await state(platform.admin);
      if (now.exit?.detail) throw new Error(`${now.exit.progress.done}: ${now.exit.detail}`);
      return now.state === "erased";
    },
    "the erasure",
    60,
  );
}

describe("an erasure", () => {
  it("stops at a hold that came after it was approved, and goes on when that is lifted", async () => {
    const taken = await exported(people.admin);
    await download(people.admin, taken.id);
    expect((await start(people.admin)).status).toBe(200);
    certificatePath = (await state(people.admin)).exit?.certificatePath ?? "";
    expect(certificatePath).toMatch(/^\/api\/v1\/erasure-certificates\/zec_[0-9a-z]{40}$/);
    expect((await send(platform.url, "GET", certificatePath)).status).toBe(404);
    const { body: hold } = await people.reviewer.post(paths.holds(), { institution: "northbank", reason: "a case", reference: "2026-1" });
    // Approved past the service, as if the hold had come between: what is due asks again.
    await asSystem(
      platform,
      `update institution_exits set approved_by = 'usr_1', approved_by_name = 'one of us', approved_side = 'platform', approved_at = now(), erases_at = now(), due_at = now(), export_id = $1
       where state = 'leaving'`,
      [taken.id],
    );
    const blocked = await until(async () => {
      const [row] = await asSystem<{ blockers: { code: string }[] }>(
        platform,
        "select blockers from institution_exits where state = 'leaving'",
      );
      return row !== undefined && row.blockers.length > 0 && row.blockers;
    }, "the refusal");
    expect(blocked.map(({ code }) => code)).toContain("held");
    expect((await state(people.admin)).state).toBe("leaving");
    await people.reviewer.post(paths.holdLift(hold.id), { reason: "closed" });
    await people.admin.post(paths.holdLiftConfirm(hold.id), {});
    // Setting and lifting it made the export an old one; that is waived here.
    await asSystem(platform, "update institution_exits set waiver = 'seen', due_at = now() where state = 'leaving'");
    await gone();
  });

  it("lets nobody of it in any more, by password, session or token", async () => {
    expect((await people.admin.get(paths.me())).status).toBe(401);
    expect((await platform.signIn("admin@north.example")).status).toBe(401);
    expect(
      await asSystem(platform, "select 1 from sessions where institution_id = $1 union select 1 from tokens where institution_id = $1", [
        id,
      ]),
    ).toEqual([]);
    expect((await platform.admin.get(paths.members("northbank"))).body.data).toEqual([]);
    expect(
      codes(await platform.admin.post(paths.members("northbank"), { email: "x@x.example", name: "x", roles: ["institution_admin"] })),
    ).toEqual(["institution_leaving"]);
    expect(codes(await platform.admin.post(paths.institutions(), { slug: "northbank", name: "again" }))).toEqual(["duplicate"]);
  });

  it("leaves no word, name, address, row or byte of it anywhere in the database or on disk", async () => {
    const superuser = new pg.Client({ connectionString: platform.database.superuserUrl });
    await superuser.connect();
    try {
      const { rows: tables } = await superuser.query<{ name: string }>(
        "select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition",
      );
      for (const { name } of tables) {
        for (const word of [WORD, "north.example", "admin@north", "the contract ends"]) {
          const { rows } = await superuser.query(`select to_jsonb(t) from "${name}" t where to_jsonb(t)::text ilike '%${word}%'`);
          expect([name, word, rows]).toEqual([name, word, []]);
        }
      }
      for (const [table, { erased }] of Object.entries(FATES)) {
        if (erased.how !== "delete" || table === "search_documents") continue;
        const { rows } = await superuser.query(`select 1 from "${table}" where institution_id = $1`, [id]);
        expect([table, rows.length]).toEqual([table, 0]);
      }
    } finally {
      await superuser.end();
    }
    expect(await asSystem(platform, "select 1 from device_authorizations")).toEqual([]);
    const kept = await asSystem<{ sha256: string; fate: string }>(
      platform,
      "select sha256, fate from erased_files where institution_id = $1 order by fate",
      [id],
    );
    expect(kept.length).toBeGreaterThan(5);
    for (const { sha256, fate } of kept) expect([sha256, existsSync(file(sha256))]).toEqual([sha256, fate === "kept" || false]);
    const others = await asSystem<{ sha256: string }>(
      platform,
      `select sha256 from version_files where institution_id <> $1 union select sha256 from blob_grants where institution_id <> $1
       union select stored_sha256 from dataset_versions where institution_id <> $1`,
      [id],
    );
    const stays = kept.filter(({ sha256 }) => others.some((other) => other.sha256 === sha256)).map(({ sha256 }) => sha256);
    expect(stays).toContain(people.common);
    expect(
      kept
        .filter(({ fate }) => fate === "kept")
        .map(({ sha256 }) => sha256)
        .sort(),
    ).toEqual(stays.sort());
    for (const path of ["runs/zig-of-northbank-1", `blobs/partial/${id}/${"d".repeat(64)}`, `exports/${id}`])
      expect([path, existsSync(join(platform.dataDir, path))]).toEqual([path, false]);
  });

  it("leaves tombstones: numbers, digests, edges and dates, so that lineage and seals hold", async () => {
    const versions = await asSystem<Record<string, unknown>>(
      platform,
      "select number, state, root_digest is not null as sealed, notes, (select count(*)::int from edges e where e.child_id = v.id) as edges from versions v where institution_id = $1 order by number",
      [id],
    );
    expect(versions).toEqual([1, 2].map((number) => ({ number, state: "retired", sealed: true, notes: "", edges: 1 })));
    const { body } = await platform.admin.get(paths.version(people.first));
    expect(body).toMatchObject({ ref: people.first, purged: { reason: "its institution has left" } });
    expect((await platform.admin.get(paths.model("northbank/cards"))).body).toMatchObject({
      name: "cards",
      tags: [],
      card: { purpose: "" },
    });
  });

  it("leaves the books as they add up, without a reason, and nobody bound to an account that is gone", async () => {
    const books = await asSystem(
      platform,
      `select (select jsonb_agg(jsonb_build_array(month, cost, scenario, reason, made_by) order by month) from charges where institution_id = $1) as charges,
         (select jsonb_agg(jsonb_build_array(lines, total)) from statements where institution_id = $1) as statements,
         (select sum(bytes)::int from storage_days where institution_id = $1 and day = '2020-01-05') as bytes`,
      [id],
    );
    expect(books).toEqual([
      {
        charges: [
          ["2020-01", -1, null, "", "erased"],
          ["2020-02", -1, null, "", "erased"],
        ],
        statements: [
          [[expect.objectContaining({ kind: "correction", model: "northbank/cards", amount: -1, scenario: null, reason: null })], -1],
        ],
        bytes: 7,
      },
    ]);
    const joined = await asSystem<{ id: string }>(platform, "select id from users where person is not null");
    expect(joined).toEqual([{ id: people.stranger.viewer.userId }]);
    // Who has gone pays no part of a month that comes after.
    const asked = await platform.admin.get(`${paths.statement("2020-01")}?filter[institution]=northbank`);
    expect([asked.status, asked.body.statement.total]).toEqual([200, -1]);
  });

  it("leaves a log that verifies: entries keep place and digest without their words", async () => {
    await until(async () => (await asSystem(platform, "select 1 from audit_pending")).length === 0, "every seal");
    const verified = (await platform.admin.get(paths.auditVerify())).body;
    expect(verified.ok).toBe(true);
    expect(JSON.stringify(verifiedBefore)).toContain('"ok":true');
    const entries = (await platform.admin.get(`${paths.audit()}?filter[chain]=northbank&limit=200`)).body.data;
    const old = entries.filter(({ action }: { action: string }) => action === "version.seal");
    expect(old).toMatchObject([people.second, people.first].map((object) => ({ object, actorName: "erased", reason: "" })));
    // What was redacted cannot be given other words, and no other chain can lose its own.
    const superuser = new pg.Client({ connectionString: platform.database.superuserUrl });
    await superuser.connect();
    try {
      await superuser.query("alter table audit_entries disable trigger audit_entries_append_only");
      const forge = async (sql: string) => {
        await superuser.query("begin");
        const { rows } = await superuser.query(sql);
        await superuser.query("commit");
        const found = (await platform.admin.get(paths.auditVerify())).body;
        return [found.ok, rows] as const;
      };
      const undo = async (rowsBefore: string) =>
        superuser.query(
          `update audit_entries e set reason = b.reason, actor_name = b.actor_name, redacted_at = b.redacted_at from (${rowsBefore}) b where b.id = e.id`,
        );
      const pick = "select e.id, e.reason, e.actor_name, e.redacted_at from audit_entries e join audit_chain c on c.entry_id = e.id";
      await superuser.query(
        `create table picked as (${pick} where e.institution_id = '${id}' and e.redacted_at is not null limit 1) union all (${pick} where e.institution_id = '${people.stranger.viewer.institutionId}' limit 1)`,
      );
      expect(
        (
          await forge(`update audit_entries set reason = 'another story' where id in (select id from picked where redacted_at is not null)`)
        )[0],
      ).toBe(false);
      await undo("select * from picked");
      expect((await forge("select 1"))[0]).toBe(true);
      expect(
        (
          await forge(
            `update audit_entries set reason = '', actor_name = 'erased', request_id = null, redacted_at = now() where id in (select id from picked where redacted_at is null)`,
          )
        )[0],
      ).toBe(false);
    } finally {
      await superuser.query("alter table audit_entries enable trigger audit_entries_append_only");
      await superuser.end();
    }
  });

  it("is certified: signed, without a person's name, for the platform and for whoever kept the address", async () => {
    const answer = await send(platform.url, "GET", certificatePath);
    expect(answer.status).toBe(200);
    expect((await platform.admin.get(paths.exitCertificate("northbank"))).body).toEqual(answer.body);
    expect((await send(platform.url, "GET", `${certificatePath.slice(0, -1)}${certificatePath.endsWith("a") ? "b" : "a"}`)).status).toBe(
      404,
    );
    expect((await people.stranger.get(paths.exitCertificate("northbank"))).status).toBe(404);
    const certificate = ErasureCertificate.parse(JSON.parse(Buffer.from(answer.body.payload, "base64").toString()));
    expect(certificate).toMatchObject({ institution: "northbank", startedBy: { side: "institution" }, approvedBy: { side: "platform" } });
    const counted = new Map(certificate.tables.map((each) => [each.table, each]));
    expect(counted.get("evaluations")).toEqual({ table: "evaluations", deleted: 1, blanked: 0 });
    expect(counted.get("users")).toEqual({ table: "users", deleted: 0, blanked: 5 });
    const files = await asSystem<{ sha256: string }>(platform, "select sha256 from erased_files where institution_id = $1 order by 1", [
      id,
    ]);
    expect(certificate.files).toMatchObject({
      count: files.length,
      digest: createHash("sha256")
        .update(files.map(({ sha256 }) => `${sha256}\n`).join(""))
        .digest("hex"),
    });
    const [path, key] = [join(platform.dataDir, "certificate.json"), join(platform.dataDir, "key.pem")];
    writeFileSync(path, answer.text);
    writeFileSync(key, (await platform.admin.get(paths.auditKey())).text);
    const verify = () =>
      spawnSync(process.execPath, [join(CHECKOUT, "tooling/cli/verify-export.mjs"), path, "--key", key], { encoding: "utf8" });
    expect(verify()).toMatchObject({ status: 0, stdout: expect.stringContaining("northbank was erased") });
    writeFileSync(
      path,
      JSON.stringify({
        ...answer.body,
        payload: Buffer.from(JSON.stringify({ ...certificate, files: { ...certificate.files, count: 0 } })).toString("base64"),
      }),
    );
    expect(verify().status).toBe(1);
  });

  it("is noticed by nobody else: what others read is the same, byte for byte", async () => {
    const after = await readings();
    expect([...after.keys()]).toEqual([...before.keys()]);
    expect(after.size).toBeGreaterThan(30);
    for (const [name, text] of before) expect([name, after.get(name)]).toEqual([name, text]);
    // The readings are of something: they change when something of theirs does.
    await change(people.stranger, "southbank/loans", { name: "renamed" });
    expect((await readings()).get(`stranger ${paths.model("southbank/loans")}`)).not.toBe(
      before.get(`stranger ${paths.model("southbank/loans")}`),
    );
  });

  it("leaves the reach of shared versions as it was, in counts and by recall", async () => {
    expect(await reach()).toEqual(reachBefore);
    const preview = await platform.admin.post(paths.recallPreview(), { version: people.finance });
    const done = await platform.admin.post(paths.recalls(), { version: people.finance, graph: preview.body.graph, reason: "bad data" });
    expect([done.status, done.body.errors]).toEqual([201, undefined]);
    await until(async () => (await platform.admin.get(paths.recall(done.body.id))).body.state === "in_force", "the recall");
  });
});

/** How many versions stand on the shared ones, as their owner is told. */
async function reach(): Promise<unknown> {
  const impacts = [];
  for (const ref of [people.foundation, people.finance]) impacts.push((await people.engineer.get(paths.lineageImpact(ref))).body);
  return impacts;
}

/** Everything that southbank's administrator and the owner of the shared tiers may read, with what a reading itself writes taken out. */
async function readings(): Promise<ReadonlyMap<string, string>> {
  const own = ["southbank/loans", people.theirs];
  const shared = ["foundation/base", "finance/ledger", people.foundation, people.finance];
  const of = (ref: string): string[] =>
    ref.includes("@")
      ? [
          paths.version(ref),
          paths.versionFiles(ref),
          paths.versionStates(ref),
          paths.versionSeal(ref),
          paths.standing(ref),
          `${paths.lineage(ref)}?direction=both`,
          paths.lineageImpact(ref),
        ]
      : [paths.model(ref), paths.versions(ref), paths.aliases(ref)];
  const lists = [
    paths.models(),
    paths.datasets(),
    paths.jobs(),
    paths.holds(),
    paths.notices(),
    paths.recalls(),
    paths.institutions(),
    paths.purges(),
  ];
  const asks: (readonly [string, Client, string])[] = [
    ...[
      ...lists,
      paths.institution("southbank"),
      paths.members("southbank"),
      paths.entitlements("southbank"),
      ...own.flatMap(of),
      ...shared.flatMap(of),
    ].map((path) => ["stranger", people.stranger, path] as const),
    ...shared
      .flatMap(of)
      .filter((path) => !path.includes("/lineage/"))
      .map((path) => ["engineer", people.engineer, path] as const),
  ];
  const found = new Map<string, string>();
  for (const [name, client, path] of asks) {
    const { status, text } = await client.get(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    found.set(`${name} ${path}`, text.replace(/"(nextCursor|etag)":"[^"]*"/g, '"$1":"…"'));
  }
  return found;
}
