import { type AuditEntry, paths } from "@ziggurat/contracts";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { newId } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";

let platform: TestPlatform;
let superuser: pg.Client;
let north: Client;
let south: Client;
let all: Client;
/** Enough that a scan of the table costs more than an index. */
const MANY = 20_000;

beforeAll(async () => {
  platform = await startPlatform();
  superuser = new pg.Client({ connectionString: platform.database.superuserUrl });
  await superuser.connect();
  for (const slug of ["northbank", "southbank"]) await platform.addInstitution(slug);
  north = await platform.addPerson("northbank", "auditor@north.example", "auditor");
  south = await platform.addPerson("southbank", "auditor@south.example", "auditor");
  all = await platform.addPerson("platform", "auditor@platform.example", "auditor");
  await fill("northbank", MANY);
  await fill("southbank", MANY);
  await superuser.query("analyze");
});
afterAll(async () => {
  await superuser?.end();
  await platform?.close();
});

/** One entry a second from the first of January on: every tenth a release, every thousandth by Wei, every 5,000th about 贷款. */
async function fill(slug: string, count: number): Promise<void> {
  await superuser.query(
    `insert into audit_entries (id, institution_id, at, actor_id, actor_name, action, object, reason, digest)
     select 'aud_' || lpad(to_hex((extract(epoch from t.at) * 1000)::bigint), 12, '0') || lpad(to_hex(n), 19, '0') || $3, i.id, t.at,
            case when n % 1000 = 0 then 'usr_' || repeat('a', 32) else 'usr_' || repeat('b', 32) end,
            case when n % 1000 = 0 then 'Wei Zhou' else 'Somebody' end,
            case when n % 10 = 0 then 'version.release' else 'job.move' end,
            $2 || '/model-' || n % 500, case when n % 5000 = 0 then '季度贷款模型重训' else 'routine' end, repeat('0', 64)
       from generate_series(1, $1::int) n, institutions i, lateral (select timestamptz '2026-01-01' + n * interval '1 second' as at) t
      where i.slug = $2`,
    [count, slug, slug === "northbank" ? "1" : "2"],
  );
}

const list = async (client: Client, query: Readonly<Record<string, string>>) => {
  const answer = await client.get(`${paths.audit()}?${new URLSearchParams(query)}`);
  expect(answer.status).toBe(200);
  return answer.body;
};
const objects = (page: { data: AuditEntry[] }) => new Set(page.data.map(({ object }) => object.split("/")[0]));

describe("the log is narrowed", () => {
  it("by who, as id or as name", async () => {
    for (const who of ["Wei Zhou", `usr_${"a".repeat(32)}`]) {
      const page = await list(north, { "filter[actor]": who, include: "total" });
      expect([page.total, page.data[0].actorName]).toEqual([MANY / 1000, "Wei Zhou"]);
    }
  });

  it("by one action, or by all of a noun, newest first across them", async () => {
    expect((await list(north, { "filter[action]": "version.release", include: "total" })).total).toBe(MANY / 10);
    const page = await list(north, { "filter[action]": "version", limit: "3" });
    expect(page.data.map(({ action }: AuditEntry) => action)).toEqual(Array(3).fill("version.release"));
    expect((await list(north, { "filter[action]": "vers" })).data).toEqual([]);
    expect((await list(all, { "filter[action]": "session", limit: "1" })).data[0].action).toBe("session.open");
  });

  it("by object, span of time and chain, together", async () => {
    const query = {
      "filter[chain]": "northbank",
      "filter[object]": "northbank/model-7",
      "filter[from]": "2026-01-01T00:10:00Z",
      "filter[to]": "2026-01-01T01:00:00Z",
    };
    const page = await list(all, query);
    expect(page.data.map(({ at }: AuditEntry) => at.slice(11, 19))).toEqual([
      "00:58:27",
      "00:50:07",
      "00:41:47",
      "00:33:27",
      "00:25:07",
      "00:16:47",
    ]);
  });

  it("by text in any case and any script, in object, reason or name", async () => {
    expect((await list(north, { "filter[text]": "贷款模型", include: "total" })).total).toBe(MANY / 5000);
    expect((await list(north, { "filter[text]": "wei z", include: "total" })).total).toBe(MANY / 1000);
    expect((await list(north, { "filter[text]": "MODEL-499", include: "total" })).total).toBe(MANY / 500);
    expect((await list(north, { "filter[text]": "贷款", include: "total" })).total).toBe(MANY / 5000);
    expect((await list(north, { "filter[text]": "\\\\%" })).data).toEqual([]);
    expect((await list(north, { "filter[text]": "model_499" })).data).toEqual([]);
    expect(
      (await list(north, { "filter[text]": "model-499", "filter[action]": "job", "filter[actor]": "Somebody", limit: "1" })).data,
    ).toHaveLength(1);
  });
});

describe("another institution's entries", () => {
  it.each<Readonly<Record<string, string>>>([
    { "filter[text]": "northbank" },
    { "filter[text]": "model-7", "filter[chain]": "northbank" },
    { "filter[object]": "northbank/model-7" },
    { "filter[chain]": "northbank" },
  ])("are found by no filter, nor counted: %o", async (query) => {
    const page = await list(south, { ...query, include: "total" });
    expect([page.data.filter(({ chain }: AuditEntry) => chain !== "southbank"), page.total]).toEqual([[], page.data.length]);
    expect(page.data.filter(({ object }: AuditEntry) => object.startsWith("northbank"))).toEqual([]);
  });

  it("are found by the search under no setting but the platform's own", async () => {
    const { rows } = await superuser.query("select id from institutions where slug = 'southbank'");
    const app = new pg.Client({ connectionString: platform.database.appUrl });
    await app.connect();
    try {
      const search = "select * from find_audit_text('northbank', null, null, null, null, null, null, null, null, null, null, 5)";
      expect((await app.query(search)).rows).toEqual([]);
      await app.query("begin");
      await app.query("select set_config('app.institution', $1, true), set_config('app.reach', 'tenant', true)", [rows[0].id]);
      expect((await app.query(search)).rows).toEqual([]);
      const named = search.replace("'northbank', null", `'northbank', '${north.viewer.institutionId}'`);
      expect((await app.query(named)).rows).toEqual([]);
      await app.query("rollback");
    } finally {
      await app.end();
    }
  });

  it("are seen by the platform's people, all of them or one chain", async () => {
    expect(objects(await list(all, { "filter[text]": "model-7", limit: "200" }))).toEqual(new Set(["northbank", "southbank"]));
    expect(objects(await list(all, { "filter[text]": "model-7", "filter[chain]": "southbank", limit: "200" }))).toEqual(
      new Set(["southbank"]),
    );
  });
});

describe("paging", () => {
  it.each<Readonly<Record<string, string>>>([
    { "filter[action]": "version" },
    { "filter[text]": "model-49" },
    { "filter[actor]": "Wei Zhou" },
  ])("goes through each entry once, newest first, while others are written: %o", async (filter) => {
    const seen: AuditEntry[] = [];
    let cursor: string | null = "";
    for (let turn = 0; cursor !== null && turn < 30; turn += 1) {
      const page: { data: AuditEntry[]; nextCursor: string | null } = await list(north, {
        ...filter,
        limit: "15",
        ...(cursor ? { cursor } : {}),
      });
      seen.push(...page.data);
      cursor = page.nextCursor;
      await platform.app
        .get(UnitOfWork)
        .run(north.viewer, (tx) =>
          tx.audit({ institutionId: north.viewer.institutionId, action: "version.draft", object: "northbank/model-49" }),
        );
    }
    const ids = seen.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
    expect(ids.length).toBeGreaterThanOrEqual(20);
  });
});

describe("one entry", () => {
  it("has an address of its own, for those who may see it", async () => {
    const [entry] = (await list(north, { limit: "1" })).data;
    expect((await north.get(paths.auditEntry(entry.id))).body).toEqual(entry);
    expect((await all.get(paths.auditEntry(entry.id))).body).toEqual(entry);
    expect((await south.get(paths.auditEntry(entry.id))).status).toBe(404);
    expect((await north.get(paths.auditEntry(newId("audit")))).status).toBe(404);
  });
});

/** Lines of the plan of the statement that a request sent, as the application's login runs it. */
async function planOf(client: Client, query: Readonly<Record<string, string>>): Promise<string> {
  const statements: { sql: string; values: unknown[] }[] = [];
  const driver = pg.Client.prototype.query;
  pg.Client.prototype.query = function spy(this: pg.Client, ...args: unknown[]): unknown {
    const { text, values } = args[0] as { readonly text?: string; readonly values?: unknown[] };
    if (text?.includes("left join audit_chain")) statements.push({ sql: text, values: values ?? [] });
    return Reflect.apply(driver, this, args);
  } as typeof driver;
  try {
    await list(client, query);
  } finally {
    pg.Client.prototype.query = driver;
  }
  const [statement] = statements;
  if (statement === undefined) throw new Error("no statement was seen");
  const rows = await platform.app
    .get(UnitOfWork)
    .run(client.viewer, (tx) => tx.query<{ "QUERY PLAN": string }>(`explain ${statement.sql}`, statement.values));
  return rows.map((row) => row["QUERY PLAN"]).join("\n");
}

describe("the plan", () => {
  it.each([
    [{}, /audit_entries_(institution_id|pk)/],
    [{ "filter[action]": "version" }, /audit_entries_institution_action/],
    [{ "filter[object]": "northbank/model-7" }, /audit_entries_object/],
    [{ "filter[actor]": "Wei Zhou" }, /audit_entries_actor_name/],
    [{ "filter[actor]": `usr_${"a".repeat(32)}` }, /audit_entries_actor\b/],
    [{ "filter[from]": "2026-01-01T01:00:00Z", "filter[to]": "2026-01-01T01:10:00Z" }, /audit_entries_(institution_id|pk)/],
  ])("of an institution's list by %o uses an index and scans no table", async (filter, index) => {
    const plan = await planOf(north, filter);
    expect(plan).toMatch(index);
    expect(plan).not.toContain("Seq Scan on audit_entries");
  });

  it.each([
    [{}, /audit_entries_pk/],
    [{ "filter[chain]": "northbank" }, /audit_entries_institution_id/],
    [{ "filter[action]": "version.release" }, /audit_entries_action/],
    [{ "filter[object]": "northbank/model-7" }, /audit_entries_object/],
    [{ "filter[actor]": "Wei Zhou" }, /audit_entries_actor_name/],
  ])("of the platform's list by %o uses an index and scans no table", async (filter, index) => {
    const plan = await planOf(all, filter);
    expect(plan).toMatch(index);
    expect(plan).not.toContain("Seq Scan on audit_entries");
  });

  it("of a search for a rare text uses the index of its trigrams", async () => {
    const scans = async () =>
      (
        await superuser.query(
          "select pg_stat_force_next_flush(), idx_scan::int as n from pg_stat_user_indexes where indexrelname = 'audit_entries_text'",
        )
      ).rows[0].n;
    const before = await scans();
    await list(north, { "filter[text]": "贷款模型" });
    await asSystem(platform, "select pg_stat_force_next_flush()");
    await expect.poll(scans, { timeout: 15_000 }).toBeGreaterThan(before);
  });
});
