import { type ClosePreview, type MonthStatement, paths } from "@ziggurat/contracts";
import pg from "pg";
import { beforeAll, describe, expect, it } from "vitest";
import { asDay, useChargesBench } from "../../test/charges-bench.js";
import { asSystem } from "../../test/harness.js";
import { StorageMeter } from "../metering/storage-meter.js";
import { PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";

const bench = useChargesBench();
const codes = (answer: { body: { errors?: { code: string }[] } }) => (answer.body.errors ?? []).map(({ code }) => code);

/** A month in which everybody used something, closed. */
beforeAll(async () => {
  await bench().priceFrom("cluster:local", 777, asDay("2023-12-01"));
  for (const slug of ["northbank", "southbank", "eastbank", PLATFORM_SLUG]) {
    const model = bench().models.get(slug) ?? bench().models.get("northbank");
    await bench().anAttempt(slug, asDay("2024-01-03"), asDay("2024-01-05"), model?.[0] === undefined ? {} : { model: model[0] });
    await bench().store(slug, "2024-01-03", 10n ** 12n, 300);
  }
  await bench().closed("2024-01");
});

describe("a closed month", () => {
  it("never moves: neither prices, corrections nor late charges touch it", async () => {
    await bench().closed("2024-06");
    await bench().anAttempt("northbank", asDay("2024-07-02"), asDay("2024-07-03"));
    await bench().closed("2024-07");
    const before = (await bench().people.admin.get(paths.statement("2024-07"))).text;
    await bench().priceFrom("cluster:local", 999_999, asDay("2024-07-01"));
    const late = await bench().anAttempt("northbank", asDay("2024-07-04"), asDay("2024-07-05"));
    expect((await bench().people.admin.get(paths.statement("2024-07"))).text).toBe(before);
    const [row] = await asSystem<{ job_id: string; month: string; of_month: string }>(
      bench().platform,
      "select job_id, month, of_month from charges where attempt_id = $1",
      [late],
    );
    expect([row?.month, row?.of_month]).toEqual(["2024-08", "2024-07"]);
    expect((await bench().statementOf(bench().people.admin, "2024-08")).lines).toMatchObject([
      { kind: "job", job: row?.job_id, lateFor: "2024-07" },
    ]);
    const correction = await bench().platform.admin.post(paths.chargeCorrections("northbank"), {
      job: row?.job_id,
      amount: -5,
      reason: "our fault",
    });
    expect([correction.status, correction.body]).toMatchObject([
      201,
      { amount: -5, month: "2024-08", lateFor: "2024-07", reason: "our fault" },
    ]);
    expect((await bench().people.admin.get(paths.statement("2024-07"))).text).toBe(before);
    for (const table of ["charges", "statements", "closed_months", "prices", "storage_days"]) {
      await expect(asSystem(bench().platform, `delete from ${table}`)).rejects.toThrow();
      await expect(asSystem(bench().platform, `update ${table} set institution_id = institution_id`)).rejects.toThrow();
    }
    const stray = `insert into charges select 'chg_x', institution_id, 'correction', null, job_id, model_id, version_id, scenario, unit, 0, 0, -1, currency, '2024-07',
      of_month, '', now(), 'x' from charges limit 1`;
    await expect(asSystem(bench().platform, stray)).rejects.toThrow("the month 2024-07 is closed");
    await expect(bench().store("northbank", "2024-07-09", 1n, 1)).rejects.toThrow("the month 2024-07 is closed");
    const forged =
      "insert into statements (institution_id, month, currency, lines, own, shared, total) values ($1, '2024-07', 'CNY', '[]', 0, 0, 0)";
    await expect(asSystem(bench().platform, forged, [bench().institutions.get("eastbank")])).rejects.toThrow("is not being closed");
  });

  it("is closed once by many at a time, and answers the same again", async () => {
    await bench().anAttempt(PLATFORM_SLUG, asDay("2024-08-02"), asDay("2024-08-03"));
    const { digest } = (await bench().preview("2024-08")).body as ClosePreview;
    const answers = await Promise.all(Array.from({ length: 5 }, () => bench().close("2024-08", "equal", digest)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const entries = await asSystem(bench().platform, "select from audit_entries where action = 'statement.close' and object = '2024-08'");
    expect(entries).toHaveLength(1);
    const otherwise = await bench().close("2024-08", "gpu_hours", digest);
    expect([otherwise.status, codes(otherwise)]).toEqual([409, ["month_closed"]]);
    expect(codes(await bench().preview("2024-08"))).toEqual(["month_closed"]);
  });

  it("lets what is being charged come before it or into the next month, never into nothing", async () => {
    await bench().anAttempt("northbank", asDay("2024-09-02"), asDay("2024-09-03"));
    const { digest } = (await bench().preview("2024-09")).body as ClosePreview;
    const [answer] = await Promise.all([
      bench().close("2024-09", "equal", digest),
      ...Array.from({ length: 10 }, (_, n) => bench().anAttempt("northbank", asDay("2024-09-04"), asDay(`2024-09-${n + 10}`))),
    ]);
    const month = answer.status === 200 ? answer.body : await bench().closed("2024-09");
    const billed = async (of: string) =>
      Number(
        (await asSystem<{ sum: string }>(bench().platform, "select coalesce(sum(cost), 0) as sum from charges where month = $1", [of]))[0]
          ?.sum,
      );
    expect(month.sums?.metered).toBe(await billed("2024-09"));
    const [row] = await asSystem<{ n: number }>(bench().platform, "select count(*)::int as n from charges where of_month = '2024-09'");
    expect(row?.n).toBe(11);
  });

  it("is refused before it is over, out of turn, and when it is no longer what was looked at", async () => {
    const month = new Date().toISOString().slice(0, 7);
    expect(codes(await bench().preview(month))).toEqual(["month_not_over"]);
    await bench().anAttempt("northbank", asDay("2024-11-02"), asDay("2024-11-03"));
    await bench().anAttempt("northbank", asDay("2024-12-02"), asDay("2024-12-03"));
    expect(codes(await bench().preview("2024-12"))).toEqual(["month_order"]);
    await bench().closed("2024-10");
    const { digest } = (await bench().preview("2024-11")).body as ClosePreview;
    await bench().anAttempt("northbank", asDay("2024-11-04"), asDay("2024-11-05"));
    const stale = await bench().close("2024-11", "equal", digest);
    expect([stale.status, codes(stale)]).toEqual([412, ["statement_changed"]]);
    expect((await bench().platform.admin.get(paths.statement("2024-13"))).status).toBe(400);
    const nobody = await bench().people.engineer.post(paths.statementPreview("2024-11"), { rule: "equal" });
    expect([
      nobody.status,
      (await bench().people.admin.post(paths.statementClose("2024-11"), { rule: "equal", digest, reason: "x" })).status,
    ]).toEqual([403, 403]);
  });
});

describe("an institution", () => {
  it("reads its own statement, and nothing from which another's could be worked out", async () => {
    const view: MonthStatement = (await bench().people.admin.get(paths.statement("2024-01"))).body;
    expect(view).toMatchObject({ month: "2024-01", isClosed: true, sums: null, statement: { institution: "northbank" } });
    const shared = view.statement?.lines.filter(({ kind }) => kind === "shared");
    const nothing = { job: null, model: null, version: null, scenario: null, unit: null, quantity: null, lateFor: null, reason: null };
    expect(shared).toEqual([{ kind: "shared", amount: expect.any(Number), ...nothing }]);
    const { text } = await bench().people.admin.get(paths.statement("2024-01"));
    expect(text).not.toMatch(/southbank|eastbank|equal|metered|pool/);
    expect((await bench().people.admin.get(`${paths.statement("2024-01")}?filter[institution]=southbank`)).status).toBe(404);
    expect((await bench().people.admin.get(`${paths.statements()}?filter[institution]=southbank`)).status).toBe(404);
    expect((await bench().people.admin.get(paths.statementExport("2024-01", "southbank"))).status).toBe(404);
    const asTenant = (sql: string) =>
      bench()
        .platform.app.get(UnitOfWork)
        .run(bench().people.admin.viewer, (tx) => tx.query(sql));
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
    const first = (await bench().people.admin.get(`${paths.statements()}?limit=2&include=total`)).body;
    expect(first.data).toHaveLength(2);
    expect(first.total).toBeGreaterThan(5);
    const rest = (await bench().people.admin.get(`${paths.statements()}?limit=100&cursor=${first.nextCursor}`)).body.data;
    const months = [...first.data, ...rest].map(({ month }: { month: string }) => month);
    expect(months).toEqual([...new Set(months)].sort().reverse());
    expect(months).toHaveLength(first.total);
    const file = await bench().people.admin.get(paths.statementExport("2024-01"));
    expect([file.status, file.headers.get("content-type")]).toEqual([200, "text/csv; charset=utf-8"]);
    const rows = file.text
      .trim()
      .split("\r\n")
      .slice(1)
      .map((line) => line.split(","));
    const amount = rows.reduce((sum, cells) => sum + Number(cells[10]), 0);
    expect(amount).toBe((await bench().statementOf(bench().people.admin, "2024-01")).total);
    expect(file.text).not.toMatch(/southbank|eastbank/);
    const all = await bench().platform.admin.get(paths.statementExport("2024-01"));
    const sum = all.text
      .trim()
      .split("\r\n")
      .slice(1)
      .reduce((total, line) => total + Number(line.split(",")[10]), 0);
    expect(sum).toBe((await bench().platform.admin.get(paths.statement("2024-01"))).body.sums.metered);
  });
});

describe("prices and corrections", () => {
  it("are set for the future by platform administrators", async () => {
    const set = (more: object, client = bench().platform.admin) =>
      client.post(paths.prices(), { subject: "storage", amount: 10, reason: "list", ...more });
    expect(codes(await set({ validFrom: "2020-01-01T00:00:00Z" }))).toEqual(["price_in_past"]);
    expect(codes(await set({ subject: "cluster:never-was" }))).toEqual(["cluster_unknown"]);
    expect((await set({ amount: -1 })).status).toBe(400);
    expect((await set({}, bench().people.engineer)).status).toBe(403);
    expect((await set({}, bench().people.admin)).status).toBe(403);
    const made = await set({ validFrom: "2199-01-01T00:00:00Z" });
    expect([made.status, made.body]).toMatchObject([201, { subject: "storage", amount: 10, currency: "CNY", validTo: null }]);
    expect(codes(await set({ validFrom: "2199-01-01T00:00:00Z" }))).toEqual(["price_exists"]);
    expect((await bench().people.member.get(paths.prices())).body.data[0]).toMatchObject({ id: made.body.id });
  });

  it("are listed by what they are for and by whether they are over, hold now or are to come", async () => {
    await bench().priceFrom("cluster:local", 31, asDay("2022-01-01"));
    const set = (validFrom?: string) =>
      bench().platform.admin.post(paths.prices(), {
        subject: "cluster:local",
        amount: 55,
        reason: "list",
        ...(validFrom && { validFrom }),
      });
    const now = await set();
    const coming = await set("2198-01-01T00:00:00Z");
    expect([now.body.state, now.body.validTo, coming.body.state]).toEqual(["in_force", null, "coming"]);
    const listed = async (state: string) => {
      const query = `?filter[subject]=cluster:local&filter[state]=${state}&include=total`;
      const { data, total } = (await bench().people.member.get(`${paths.prices()}${query}`)).body;
      expect(data).toHaveLength(total);
      expect(new Set(data.map((price: { state: string }) => price.state))).toEqual(new Set([state]));
      return data.map(({ id }: { id: string }) => id);
    };
    expect(await listed("in_force")).toEqual([now.body.id]);
    expect(await listed("coming")).toEqual([coming.body.id]);
    const past = await listed("past");
    expect(past.length).toBeGreaterThan(0);
    expect(past).not.toContain(now.body.id);
    const [first] = (await bench().people.member.get(`${paths.prices()}?filter[subject]=cluster:local&limit=1`)).body.data;
    expect(first).toMatchObject({ id: coming.body.id, validTo: null });
    const between = { subject: "cluster:local", validFrom: "2197-01-01T00:00:00Z" };
    const looked = await bench().platform.admin.post(paths.pricePreview(), between);
    expect(looked.body).toMatchObject({ currency: "CNY", validFrom: "2197-01-01T00:00:00.000Z", before: { id: now.body.id, amount: 55 } });
    expect(looked.body.until).toBe(coming.body.validFrom);
    const onIt = { ...between, validFrom: "2198-01-01T00:00:00Z" };
    expect(codes(await bench().platform.admin.post(paths.pricePreview(), onIt))).toEqual(["price_exists"]);
    expect((await bench().people.admin.post(paths.pricePreview(), between)).status).toBe(403);
    expect(
      (await bench().platform.admin.get(`${paths.prices()}?filter[state]=coming&filter[subject]=cluster:local`)).body.data,
    ).toHaveLength(1);
    const elsewhere = await bench().people.member.get(`${paths.prices()}?filter[subject]=cluster:elsewhere`);
    expect(elsewhere.body.data).toEqual([]);
  });

  it("take back no more than was charged, of one's own job alone", async () => {
    await bench().priceFrom("cluster:local", 1000, asDay("2025-01-01"));
    const attempt = await bench().anAttempt("southbank", asDay("2025-01-02"), asDay("2025-01-03"));
    const [row] = await asSystem<{ job_id: string; cost: string }>(
      bench().platform,
      "select job_id, cost from charges where attempt_id = $1",
      [attempt],
    );
    expect(row?.cost).toBe("24000");
    const correct = (amount: number, slug = "southbank", client = bench().platform.admin) =>
      client.post(paths.chargeCorrections(slug), { job: row?.job_id, amount, reason: "lost by us" });
    expect((await correct(5)).status).toBe(400);
    expect(codes(await correct(-24_001))).toEqual(["correction_exceeds"]);
    expect(codes(await correct(-1, "northbank"))).toEqual(["charge_unknown"]);
    expect((await correct(-1, "southbank", bench().people.stranger)).status).toBe(403);
    expect((await correct(-1, "southbank", bench().people.admin)).status).toBe(404);
    const both = await Promise.all([correct(-20_000), correct(-20_000)]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 422]);
    const { lines, total } = await bench().statementOf(bench().people.stranger, "2025-01");
    expect(lines.map(({ kind, amount }) => [kind, amount])).toEqual([
      ["job", 24_000],
      ["correction", -20_000],
    ]);
    expect(total).toBe(4000);
  });

  it("show what they would come to before they are made, write nothing, and fall into no month that was not looked at", async () => {
    for (const month of ["2024-11", "2024-12", "2025-01"]) await bench().closed(month);
    const attempt = await bench().anAttempt("southbank", asDay("2025-04-02"), asDay("2025-04-03"));
    await bench().anAttempt("southbank", asDay("2025-04-02"), asDay("2025-04-04"));
    const [row] = await asSystem<{ job_id: string }>(bench().platform, "select job_id from charges where attempt_id = $1", [attempt]);
    const look = (amount: number, slug = "southbank", client = bench().platform.admin) =>
      client.post(paths.chargeCorrectionPreview(slug), { job: row?.job_id, amount });
    const inMonth = {
      month: "2025-04",
      lateFor: null,
      charged: { before: 24_000, after: 23_900 },
      total: { before: 72_000, after: 71_900 },
    };
    expect((await look(-100)).body).toEqual({ currency: "CNY", ...inMonth });
    expect((await look(0)).body.charged).toEqual({ before: 24_000, after: 24_000 });
    expect(codes(await look(-24_001))).toEqual(["correction_exceeds"]);
    expect((await look(1)).status).toBe(400);
    expect((await look(-1, "southbank", bench().people.stranger)).status).toBe(403);
    expect((await look(-1, "southbank", bench().people.admin)).status).toBe(404);
    expect((await bench().statementOf(bench().people.stranger, "2025-04")).total).toBe(72_000);

    await bench().closed("2025-04");
    const correct = (month: string) =>
      bench().platform.admin.post(paths.chargeCorrections("southbank"), { job: row?.job_id, amount: -100, reason: "lost by us", month });
    const stale = await correct("2025-04");
    expect([stale.status, codes(stale)]).toEqual([412, ["correction_month"]]);
    const before = (await bench().platform.admin.get(paths.statement("2025-04"))).text;
    const late = (await look(-100)).body;
    expect(late).toMatchObject({ month: "2025-05", lateFor: "2025-04", total: { before: 0, after: -100 } });
    expect((await correct(late.month)).body).toMatchObject({ month: "2025-05", lateFor: "2025-04", amount: -100 });
    expect((await bench().platform.admin.get(paths.statement("2025-04"))).text).toBe(before);
    expect((await bench().statementOf(bench().people.stranger, "2025-05")).total).toBe(late.total.after);
  });

  it("writes what is stored once a day", async () => {
    const meter = bench().platform.app.get(StorageMeter);
    const day = asDay("2031-05-05");
    expect([await meter.run(day), await meter.run(day)]).toEqual([bench().institutions.size, 0]);
    const [row] = await asSystem<{ bytes: string; granted: string }>(
      bench().platform,
      `select d.bytes, (select sum(size_bytes) from blob_grants g join blobs b using (sha256) where g.institution_id = d.institution_id) as granted
       from storage_days d where day = '2031-05-05' and institution_id = $1`,
      [bench().institutions.get("northbank")],
    );
    expect(row?.bytes).toBe(row?.granted);
  });
});

it("an institution that has left pays a part of the month in which it went and of none after, and nothing is stored for it any more", async () => {
  const superuser = new pg.Client({ connectionString: bench().platform.database.superuserUrl });
  await superuser.connect();
  const gone = bench().institutions.get("eastbank");
  await superuser.query("set session_replication_role = replica");
  await superuser.query(
    `insert into institution_exits (id, institution_id, state, reason, started_by, started_by_name, started_side, certificate_key, finished_at)
     values ('exi_1', $1, 'erased', 'erased', 'usr_1', 'erased', 'institution', 'zec_1', '2025-02-10')`,
    [gone],
  );
  await superuser.query("update institutions set state = 'erased' where id = $1", [gone]);
  await superuser.end();
  const shared = bench().models.get(PLATFORM_SLUG)?.[0] ?? "";
  const payers: string[][] = [];
  for (const month of ["2025-02", "2025-03"]) {
    await bench().anAttempt(PLATFORM_SLUG, asDay(`${month}-02`), asDay(`${month}-04`), { model: shared });
    const { body } = await bench().platform.admin.get(paths.statement(month));
    payers.push(body.sums.institutions.map(({ institution }: { institution: string }) => institution));
  }
  expect(payers.map((slugs) => slugs.includes("eastbank"))).toEqual([true, false]);
  const stored = await bench().platform.app.get(StorageMeter).run(asDay("2031-06-06"));
  expect(stored).toBe(bench().institutions.size - 1);
});
