import { type ClosePreview, type MonthStatement, paths, SPLIT_RULES, type SplitRule, type Statement } from "@ziggurat/contracts";
import { endOfMonth } from "@ziggurat/scheduling";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCluster } from "../../test/hand-run.js";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { aPyramid, register, sealed } from "../../test/registry-fixtures.js";
import { Metering } from "../metering/metering.service.js";
import { StorageMeter } from "../metering/storage-meter.js";
import { newId, PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";

let platform: TestPlatform;
let people: Awaited<ReturnType<typeof aPyramid>>;
let superuser: pg.Client;
let clusterId: string;
const institutions = new Map<string, string>();
/** Models that jobs belong to, by the slug of their owner. */
const models = new Map<string, string[]>();

beforeAll(async () => {
  platform = await startPlatform();
  people = await aPyramid(platform);
  await aCluster(platform);
  superuser = new pg.Client({ connectionString: platform.database.superuserUrl });
  await superuser.connect();
  await platform.addInstitution("eastbank");
  await register(people.stranger, { tier: "institution", slug: "fraud", scenario: "risk" });
  for (const [client, model, versions] of [
    [people.admin, "northbank/cards", 3],
    [people.stranger, "southbank/fraud", 1],
  ] as const) {
    for (let n = 0; n < versions; n += 1)
      await sealed(client, model, { artifactKind: "adapter", parents: [{ version: people.finance, relation: "adapter_of" }] });
  }
  // All of it was there long before the months that are looked at.
  await superuser.query("set session_replication_role = replica");
  await superuser.query("update versions set sealed_at = '2023-01-01'");
  await superuser.query("update institutions set created_at = '2023-01-01'");
  await superuser.query("set session_replication_role = origin");
  for (const { slug, id } of await asSystem<{ slug: string; id: string }>(platform, "select slug, id from institutions"))
    institutions.set(slug, id);
  for (const { slug, id } of await asSystem<{ slug: string; id: string }>(
    platform,
    "select i.slug, m.id from models m join institutions i on i.id = m.institution_id order by m.id",
  ))
    models.set(slug, [...(models.get(slug) ?? []), id]);
  clusterId = (await asSystem<{ id: string }>(platform, "select id from clusters"))[0]?.id ?? "";
});
afterAll(async () => {
  await superuser?.end();
  await platform?.close();
});

const system = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "test");
const asDay = (text: string) => new Date(`${text}T00:00:00.000Z`);
const statementOf = async (client: Client, month: string, slug?: string): Promise<Statement> =>
  (await client.get(`${paths.statement(month)}${slug === undefined ? "" : `?filter[institution]=${slug}`}`)).body.statement;
const preview = (month: string, rule: SplitRule = "equal") => platform.admin.post(paths.statementPreview(month), { rule });
const close = (month: string, rule: SplitRule, digest: string) =>
  platform.admin.post(paths.statementClose(month), { rule, digest, reason: "month end" });
async function closed(month: string, rule: SplitRule = "equal"): Promise<MonthStatement> {
  const looked = await preview(month, rule);
  if (looked.status !== 200) throw new Error(looked.text);
  const answer = await close(month, rule, looked.body.digest);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body;
}
const codes = (answer: { body: { errors?: { code: string }[] } }) => (answer.body.errors ?? []).map(({ code }) => code);

/** An attempt that ran in the past, as the platform would have written it, ended and charged. */
async function anAttempt(
  slug: string,
  startedAt: Date | null,
  endedAt: Date,
  more: { model?: string; state?: string; heardAt?: Date } = {},
): Promise<string> {
  const [job, attempt] = [newId("job"), newId("attempt")];
  const model = more.model ?? models.get(slug)?.[0];
  await asSystem(
    platform,
    `insert into jobs (id, institution_id, model_id, kind, method, tier, hyperparameters, seed, state, requested_by, requested_by_name, finished_at, due_at)
     select $1, $2, m.id, 'tune', 'lora', m.tier, '{}', 1, 'failed', 'test', 'test', now(), null from models m where m.id = $3`,
    [job, institutions.get(slug), model],
  );
  await platform.app.get(UnitOfWork).run(system, async (tx) => {
    await tx.query(
      `insert into attempts (id, institution_id, job_id, number, key, cluster_id, state, token_hash, token_expires_at, created_at, started_at, ended_at, last_heard_at)
       values ($1, $2, $3, 1, $1, $4, $5, $1, now(), coalesce($6::timestamptz, $7), $6, $7, $8)`,
      [attempt, institutions.get(slug), job, clusterId, more.state ?? "failed", startedAt, endedAt, more.heardAt ?? null],
    );
    await platform.app.get(Metering).charge(tx, attempt);
  });
  return attempt;
}
const priceFrom = (subject: string, amount: number, from: Date) =>
  asSystem(
    platform,
    "insert into prices (id, institution_id, subject, amount, currency, valid_from, set_by, reason) values ($1, $2, $3, $4, 'CNY', $5, 'test', 'test')",
    [newId("price"), PLATFORM_ID, subject, amount, from],
  );
const store = (slug: string, day: string, bytes: bigint, price: number) =>
  asSystem(platform, "insert into storage_days (institution_id, day, bytes, price) values ($1, $2, $3, $4)", [
    institutions.get(slug),
    day,
    bytes,
    price,
  ]);

/** The same numbers on every run (mulberry32), even in their last digits. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

describe("an independent recount", () => {
  const months = ["2024-01", "2024-02", "2024-03"] as const;
  it.each(SPLIT_RULES.map((rule, index) => [rule, months[index] ?? ""] as const))(
    "of raw attempts, prices, bytes and edges comes to the same cent by the rule %s",
    async (rule, month) => {
      const next = random(month.charCodeAt(6) * 7919);
      const start = asDay(`${month}-01`).getTime();
      const length = endOfMonth(month).getTime() - start;
      const at = () => new Date(start + next(length));
      for (let n = 0; n < 3; n += 1) await priceFrom("cluster:local", next(5000), at());
      for (let n = 0; n < 60; n += 1) {
        const slug = ["northbank", "southbank", "eastbank", PLATFORM_SLUG][next(4)] ?? "";
        const owned = models.get(slug) ?? models.get("northbank") ?? [];
        const ended = at();
        const started = next(10) === 0 ? null : new Date(Math.max(start, ended.getTime() - next(40_000_000)));
        const model = owned[next(owned.length)];
        const state = ["succeeded", "failed", "cancelled"][next(3)] ?? "failed";
        await anAttempt(slug, started, ended, { ...(model === undefined ? {} : { model }), state });
      }
      for (const slug of ["northbank", "southbank", PLATFORM_SLUG])
        for (let day = 1; day <= 28; day += 3)
          await store(slug, `${month}-${String(day).padStart(2, "0")}`, BigInt(next(2 ** 30)) * BigInt(1 + next(400)), next(300));
      const { sums } = await closed(month, rule);
      const recount = await recounted(month, rule);
      expect(sums?.metered).toBe(recount.metered);
      expect(sums?.institutions.reduce((sum, { total }) => sum + total, 0)).toBe(recount.metered);
      expect(Object.fromEntries((sums?.institutions ?? []).map(({ institution, own, shared }) => [institution, [own, shared]]))).toEqual(
        recount.statements,
      );
      // Each kind of cost had a part in it, and the rule split what others would not have.
      expect(recount.shared).toBeGreaterThan(1000);
      if (rule !== "equal") expect(recount.statements).not.toEqual((await recounted(month, "equal")).statements);
      for (const slug of ["northbank", "southbank", "eastbank"]) {
        const { lines, total } = await statementOf(platform.admin, month, slug);
        expect(lines.reduce((sum, { amount }) => sum + amount, 0)).toBe(total);
        expect(total).toBe((recount.statements[slug] ?? [0, 0]).reduce((sum, part) => sum + part, 0));
      }
    },
  );

  it("gives every attempt exactly one charge, however often its end is told", async () => {
    const [row] = await asSystem<{ attempts: number; charges: number }>(
      platform,
      `select (select count(*)::int from attempts) as attempts, (select count(distinct attempt_id)::int from charges) as charges`,
    );
    expect(row?.charges).toBe(row?.attempts);
    const attempt = await anAttempt("northbank", asDay("2024-06-01"), asDay("2024-06-02"));
    await platform.app.get(UnitOfWork).run(system, (tx) => platform.app.get(Metering).charge(tx, attempt));
    const charges = await asSystem<{ milliseconds: string }>(platform, "select milliseconds from charges where attempt_id = $1", [attempt]);
    expect(charges).toEqual([{ milliseconds: "86400000" }]);
  });

  it("charges nothing for what never spoke, and a lost run up to its last word", async () => {
    const of = async (attempt: string) =>
      (
        await asSystem<{ milliseconds: string; cost: string; unit: string }>(
          platform,
          "select milliseconds, cost, unit from charges where attempt_id = $1",
          [attempt],
        )
      )[0];
    expect(await of(await anAttempt("northbank", null, asDay("2024-06-03")))).toEqual({ milliseconds: "0", cost: "0", unit: "cpu" });
    const heardAt = new Date(asDay("2024-06-03").getTime() + 5000);
    expect(
      (await of(await anAttempt("northbank", asDay("2024-06-03"), asDay("2024-06-04"), { state: "lost", heardAt })))?.milliseconds,
    ).toBe("5000");
    await asSystem(platform, "update clusters set device = 'cuda (H200)'");
    expect((await of(await anAttempt("northbank", asDay("2024-06-03"), asDay("2024-06-04"))))?.unit).toBe("gpu");
    await asSystem(platform, "update clusters set device = null");
  });
});

describe("a closed month", () => {
  it("never moves: neither prices, corrections nor late charges touch it", async () => {
    await closed("2024-06");
    await anAttempt("northbank", asDay("2024-07-02"), asDay("2024-07-03"));
    await closed("2024-07");
    const before = (await people.admin.get(paths.statement("2024-07"))).text;
    await priceFrom("cluster:local", 999_999, asDay("2024-07-01"));
    const late = await anAttempt("northbank", asDay("2024-07-04"), asDay("2024-07-05"));
    expect((await people.admin.get(paths.statement("2024-07"))).text).toBe(before);
    const [row] = await asSystem<{ job_id: string; month: string; of_month: string }>(
      platform,
      "select job_id, month, of_month from charges where attempt_id = $1",
      [late],
    );
    expect([row?.month, row?.of_month]).toEqual(["2024-08", "2024-07"]);
    expect((await statementOf(people.admin, "2024-08")).lines).toMatchObject([{ kind: "job", job: row?.job_id, lateFor: "2024-07" }]);
    const correction = await platform.admin.post(paths.chargeCorrections("northbank"), {
      job: row?.job_id,
      amount: -5,
      reason: "our fault",
    });
    expect([correction.status, correction.body]).toMatchObject([
      201,
      { amount: -5, month: "2024-08", lateFor: "2024-07", reason: "our fault" },
    ]);
    expect((await people.admin.get(paths.statement("2024-07"))).text).toBe(before);
    for (const table of ["charges", "statements", "closed_months", "prices", "storage_days"]) {
      await expect(asSystem(platform, `delete from ${table}`)).rejects.toThrow();
      await expect(asSystem(platform, `update ${table} set institution_id = institution_id`)).rejects.toThrow();
    }
    const stray = `insert into charges select 'chg_x', institution_id, 'correction', null, job_id, model_id, version_id, scenario, unit, 0, 0, -1, currency, '2024-07',
      of_month, '', now(), 'x' from charges limit 1`;
    await expect(asSystem(platform, stray)).rejects.toThrow("the month 2024-07 is closed");
    await expect(store("northbank", "2024-07-09", 1n, 1)).rejects.toThrow("the month 2024-07 is closed");
    const forged =
      "insert into statements (institution_id, month, currency, lines, own, shared, total) values ($1, '2024-07', 'CNY', '[]', 0, 0, 0)";
    await expect(asSystem(platform, forged, [institutions.get("eastbank")])).rejects.toThrow("is not being closed");
  });

  it("is closed once by many at a time, and answers the same again", async () => {
    await anAttempt(PLATFORM_SLUG, asDay("2024-08-02"), asDay("2024-08-03"));
    const { digest } = (await preview("2024-08")).body as ClosePreview;
    const answers = await Promise.all(Array.from({ length: 5 }, () => close("2024-08", "equal", digest)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const entries = await asSystem(platform, "select from audit_entries where action = 'statement.close' and object = '2024-08'");
    expect(entries).toHaveLength(1);
    const otherwise = await close("2024-08", "gpu_hours", digest);
    expect([otherwise.status, codes(otherwise)]).toEqual([409, ["month_closed"]]);
    expect(codes(await preview("2024-08"))).toEqual(["month_closed"]);
  });

  it("lets what is being charged come before it or into the next month, never into nothing", async () => {
    await anAttempt("northbank", asDay("2024-09-02"), asDay("2024-09-03"));
    const { digest } = (await preview("2024-09")).body as ClosePreview;
    const [answer] = await Promise.all([
      close("2024-09", "equal", digest),
      ...Array.from({ length: 10 }, (_, n) => anAttempt("northbank", asDay("2024-09-04"), asDay(`2024-09-${n + 10}`))),
    ]);
    const month = answer.status === 200 ? answer.body : await closed("2024-09");
    const billed = async (of: string) =>
      Number(
        (await asSystem<{ sum: string }>(platform, "select coalesce(sum(cost), 0) as sum from charges where month = $1", [of]))[0]?.sum,
      );
    expect(month.sums?.metered).toBe(await billed("2024-09"));
    const [row] = await asSystem<{ n: number }>(platform, "select count(*)::int as n from charges where of_month = '2024-09'");
    expect(row?.n).toBe(11);
  });

  it("is refused before it is over, out of turn, and when it is no longer what was looked at", async () => {
    const month = new Date().toISOString().slice(0, 7);
    expect(codes(await preview(month))).toEqual(["month_not_over"]);
    await anAttempt("northbank", asDay("2024-11-02"), asDay("2024-11-03"));
    await anAttempt("northbank", asDay("2024-12-02"), asDay("2024-12-03"));
    expect(codes(await preview("2024-12"))).toEqual(["month_order"]);
    await closed("2024-10");
    const { digest } = (await preview("2024-11")).body as ClosePreview;
    await anAttempt("northbank", asDay("2024-11-04"), asDay("2024-11-05"));
    const stale = await close("2024-11", "equal", digest);
    expect([stale.status, codes(stale)]).toEqual([412, ["statement_changed"]]);
    expect((await platform.admin.get(paths.statement("2024-13"))).status).toBe(400);
    const nobody = await people.engineer.post(paths.statementPreview("2024-11"), { rule: "equal" });
    expect([
      nobody.status,
      (await people.admin.post(paths.statementClose("2024-11"), { rule: "equal", digest, reason: "x" })).status,
    ]).toEqual([403, 403]);
  });
});

describe("an institution", () => {
  it("reads its own statement, and nothing from which another's could be worked out", async () => {
    const view: MonthStatement = (await people.admin.get(paths.statement("2024-01"))).body;
    expect(view).toMatchObject({ month: "2024-01", isClosed: true, sums: null, statement: { institution: "northbank" } });
    const shared = view.statement?.lines.filter(({ kind }) => kind === "shared");
    const nothing = { job: null, model: null, version: null, scenario: null, unit: null, quantity: null, lateFor: null, reason: null };
    expect(shared).toEqual([{ kind: "shared", amount: expect.any(Number), ...nothing }]);
    const { text } = await people.admin.get(paths.statement("2024-01"));
    expect(text).not.toMatch(/southbank|eastbank|equal|metered|pool/);
    expect((await people.admin.get(`${paths.statement("2024-01")}?filter[institution]=southbank`)).status).toBe(404);
    expect((await people.admin.get(`${paths.statements()}?filter[institution]=southbank`)).status).toBe(404);
    expect((await people.admin.get(paths.statementExport("2024-01", "southbank"))).status).toBe(404);
    const asTenant = (sql: string) => platform.app.get(UnitOfWork).run(people.admin.viewer, (tx) => tx.query(sql));
    expect(await asTenant("select from closed_months")).toEqual([]);
    for (const table of ["charges", "statements", "storage_days"]) {
      expect((await asTenant(`select from ${table}`)).length).toBeGreaterThan(0);
      expect(await asTenant(`select from ${table} where institution_id <> app_institution()`)).toEqual([]);
    }
    await expect(
      asTenant(`insert into storage_days (institution_id, day, bytes, price) values (app_institution(), '2030-01-01', 0, 0)`),
    ).rejects.toThrow("row-level");
  });

  it("turns the pages of its months, and takes a month home as a file", async () => {
    const first = (await people.admin.get(`${paths.statements()}?limit=2&include=total`)).body;
    expect(first.data).toHaveLength(2);
    expect(first.total).toBeGreaterThan(5);
    const rest = (await people.admin.get(`${paths.statements()}?limit=100&cursor=${first.nextCursor}`)).body.data;
    const months = [...first.data, ...rest].map(({ month }: { month: string }) => month);
    expect(months).toEqual([...new Set(months)].sort().reverse());
    expect(months).toHaveLength(first.total);
    const file = await people.admin.get(paths.statementExport("2024-01"));
    expect([file.status, file.headers.get("content-type")]).toEqual([200, "text/csv; charset=utf-8"]);
    const rows = file.text
      .trim()
      .split("\r\n")
      .slice(1)
      .map((line) => line.split(","));
    const amount = rows.reduce((sum, cells) => sum + Number(cells[10]), 0);
    expect(amount).toBe((await statementOf(people.admin, "2024-01")).total);
    expect(file.text).not.toMatch(/southbank|eastbank/);
    const all = await platform.admin.get(paths.statementExport("2024-01"));
    const sum = all.text
      .trim()
      .split("\r\n")
      .slice(1)
      .reduce((total, line) => total + Number(line.split(",")[10]), 0);
    expect(sum).toBe((await platform.admin.get(paths.statement("2024-01"))).body.sums.metered);
  });
});

describe("prices and corrections", () => {
  it("are set for the future by platform administrators", async () => {
    const set = (more: object, client = platform.admin) =>
      client.post(paths.prices(), { subject: "storage", amount: 10, reason: "list", ...more });
    expect(codes(await set({ validFrom: "2020-01-01T00:00:00Z" }))).toEqual(["price_in_past"]);
    expect(codes(await set({ subject: "cluster:never-was" }))).toEqual(["cluster_unknown"]);
    expect((await set({ amount: -1 })).status).toBe(400);
    expect((await set({}, people.engineer)).status).toBe(403);
    expect((await set({}, people.admin)).status).toBe(403);
    const made = await set({ validFrom: "2199-01-01T00:00:00Z" });
    expect([made.status, made.body]).toMatchObject([201, { subject: "storage", amount: 10, currency: "CNY", validTo: null }]);
    expect((await set({ validFrom: "2199-01-01T00:00:00Z" })).status).toBe(409);
    expect((await people.member.get(paths.prices())).body.data[0]).toMatchObject({ id: made.body.id });
  });

  it("take back no more than was charged, of one's own job alone", async () => {
    await priceFrom("cluster:local", 1000, asDay("2025-01-01"));
    const attempt = await anAttempt("southbank", asDay("2025-01-02"), asDay("2025-01-03"));
    const [row] = await asSystem<{ job_id: string; cost: string }>(platform, "select job_id, cost from charges where attempt_id = $1", [
      attempt,
    ]);
    expect(row?.cost).toBe("24000");
    const correct = (amount: number, slug = "southbank", client = platform.admin) =>
      client.post(paths.chargeCorrections(slug), { job: row?.job_id, amount, reason: "lost by us" });
    expect((await correct(5)).status).toBe(400);
    expect(codes(await correct(-24_001))).toEqual(["correction_exceeds"]);
    expect(codes(await correct(-1, "northbank"))).toEqual(["charge_unknown"]);
    expect((await correct(-1, "southbank", people.stranger)).status).toBe(403);
    expect((await correct(-1, "southbank", people.admin)).status).toBe(404);
    const both = await Promise.all([correct(-20_000), correct(-20_000)]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 422]);
    const { lines, total } = await statementOf(people.stranger, "2025-01");
    expect(lines.map(({ kind, amount }) => [kind, amount])).toEqual([
      ["job", 24_000],
      ["correction", -20_000],
    ]);
    expect(total).toBe(4000);
  });

  it("writes what is stored once a day", async () => {
    const meter = platform.app.get(StorageMeter);
    const day = asDay("2031-05-05");
    expect([await meter.run(day), await meter.run(day)]).toEqual([institutions.size, 0]);
    const [row] = await asSystem<{ bytes: string; granted: string }>(
      platform,
      `select d.bytes, (select sum(size_bytes) from blob_grants g join blobs b using (sha256) where g.institution_id = d.institution_id) as granted
       from storage_days d where day = '2031-05-05' and institution_id = $1`,
      [institutions.get("northbank")],
    );
    expect(row?.bytes).toBe(row?.granted);
  });
});

/**
 * What the month comes to, counted anew from the rows that were there before any charge: attempts, prices, bytes, edges. Knows nothing of the
 * code that charges and splits.
 */
async function recounted(
  month: string,
  rule: SplitRule,
): Promise<{ metered: number; shared: number; statements: Record<string, [number, number]> }> {
  const attempts = await asSystem<{ slug: string; model: string; cost: string; ms: string }>(
    platform,
    `with ran as (
       select i.slug, j.model_id as model, coalesce(a.started_at, case a.state when 'succeeded' then a.created_at else a.ended_at end) as began, a.ended_at
       from attempts a join jobs j on j.id = a.job_id join institutions i on i.id = a.institution_id
       where a.ended_at >= $1 and a.ended_at < $2),
     priced as (select *, (extract(epoch from ended_at - began) * 1000)::numeric(20, 0) as ms,
       coalesce((select p.amount from prices p where p.subject = 'cluster:local' and p.valid_from <= began order by p.valid_from desc limit 1), 0) as price from ran)
     select slug, model, ms, floor(ms * price / 3600000 + 0.5) as cost from priced`,
    [asDay(`${month}-01`), endOfMonth(month)],
  );
  const stored = await asSystem<{ slug: string; cost: string }>(
    platform,
    `select i.slug, floor(sum(d.bytes::numeric * d.price) / (1073741824.0 * extract(day from $2::timestamptz - $1::timestamptz)) + 0.5) as cost
     from storage_days d join institutions i on i.id = d.institution_id where d.day >= $1 and d.day < $2 group by 1`,
    [asDay(`${month}-01`), endOfMonth(month)],
  );
  const payers = [...institutions.keys()].filter((slug) => slug !== PLATFORM_SLUG).sort();
  const costs = [...attempts, ...stored.map((row) => ({ ...row, model: null, ms: "0" }))];
  const statements: Record<string, [number, number]> = {};
  for (const slug of payers)
    statements[slug] = [costs.filter((row) => row.slug === slug).reduce((sum, { cost }) => sum + Number(cost), 0), 0];
  const pool = new Map<string | null, number>();
  for (const { slug, model, cost } of costs)
    if (slug === PLATFORM_SLUG)
      pool.set(rule === "versions" ? model : null, (pool.get(rule === "versions" ? model : null) ?? 0) + Number(cost));
  for (const [model, amount] of pool) {
    const weights = await Promise.all(payers.map((slug) => weightOf(slug, model)));
    for (const [index, part] of unitByUnit(amount, weights).entries()) {
      const statement = statements[payers[index] ?? ""];
      if (statement !== undefined) statement[1] += part;
    }
  }
  const shared = attempts.filter(({ slug }) => slug === PLATFORM_SLUG).reduce((sum, { cost }) => sum + Number(cost), 0);
  return { metered: costs.reduce((sum, { cost }) => sum + Number(cost), 0), shared, statements };

  async function weightOf(slug: string, model: string | null): Promise<number> {
    if (rule === "gpu_hours") return attempts.filter((row) => row.slug === slug).reduce((sum, { ms }) => sum + Number(ms), 0);
    if (rule === "equal" || model === null) return 1;
    const [row] = await asSystem<{ n: number }>(
      platform,
      `with recursive below as (
         select e.child_id from edges e join versions p on p.id = e.parent_id where p.model_id = $1
         union select e.child_id from below b join edges e on e.parent_id = b.child_id)
       select count(distinct v.id)::int as n from below b join versions v on v.id = b.child_id where v.institution_id = $2 and v.sealed_at < $3`,
      [model, institutions.get(slug), endOfMonth(month)],
    );
    return row?.n ?? 0;
  }
}

/** Hands out an amount unit by unit, each to whoever lacks most of their exact share. */
function unitByUnit(amount: number, weights: readonly number[]): number[] {
  const counted = weights.some((weight) => weight > 0) ? weights.map(BigInt) : weights.map(() => 1n);
  const sum = counted.reduce((total, weight) => total + weight, 0n);
  const given = counted.map((weight) => (BigInt(amount) * weight) / sum);
  for (let left = BigInt(amount) - given.reduce((total, part) => total + part, 0n); left > 0n; left -= 1n) {
    let most = 0;
    for (const [index, weight] of counted.entries()) {
      const lacks = (at: number, of: bigint) => BigInt(amount) * of - (given[at] ?? 0n) * sum;
      if (lacks(index, weight) > lacks(most, counted[most] ?? 0n)) most = index;
    }
    given[most] = (given[most] ?? 0n) + 1n;
  }
  return given.map(Number);
}
