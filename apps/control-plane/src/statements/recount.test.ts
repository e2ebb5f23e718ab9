import { SPLIT_RULES, type SplitRule } from "@ziggurat/contracts";
import { endOfMonth } from "@ziggurat/scheduling";
import { describe, expect, it } from "vitest";
import { asDay, useChargesBench } from "../../test/charges-bench.js";
import { asSystem } from "../../test/harness.js";
import { Metering } from "../metering/metering.service.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";

const bench = useChargesBench();
const system = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "test");

describe("an independent recount", () => {
  const months = ["2024-01", "2024-02", "2024-03"] as const;
  it.each(SPLIT_RULES.map((rule, index) => [rule, months[index] ?? ""] as const))(
    "of raw attempts, prices, bytes and edges comes to the same cent by the rule %s",
    async (rule, month) => {
      const next = random(month.charCodeAt(6) * 7919);
      const start = asDay(`${month}-01`).getTime();
      const length = endOfMonth(month).getTime() - start;
      const at = () => new Date(start + next(length));
      for (let n = 0; n < 3; n += 1) await bench().priceFrom("cluster:local", next(5000), at());
      for (let n = 0; n < 60; n += 1) {
        const slug = ["northbank", "southbank", "eastbank", PLATFORM_SLUG][next(4)] ?? "";
        const owned = bench().models.get(slug) ?? bench().models.get("northbank") ?? [];
        const ended = at();
        const started = next(10) === 0 ? null : new Date(Math.max(start, ended.getTime() - next(40_000_000)));
        const model = owned[next(owned.length)];
        const state = ["succeeded", "failed", "cancelled"][next(3)] ?? "failed";
        await bench().anAttempt(slug, started, ended, { ...(model === undefined ? {} : { model }), state });
      }
      for (const slug of ["northbank", "southbank", PLATFORM_SLUG])
        for (let day = 1; day <= 28; day += 3)
          await bench().store(slug, `${month}-${String(day).padStart(2, "0")}`, BigInt(next(2 ** 30)) * BigInt(1 + next(400)), next(300));
      const { sums } = await bench().closed(month, rule);
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
        const { lines, total } = await bench().statementOf(bench().platform.admin, month, slug);
        expect(lines.reduce((sum, { amount }) => sum + amount, 0)).toBe(total);
        expect(total).toBe((recount.statements[slug] ?? [0, 0]).reduce((sum, part) => sum + part, 0));
      }
    },
  );

  it("gives every attempt exactly one charge, however often its end is told", async () => {
    const [row] = await asSystem<{ attempts: number; charges: number }>(
      bench().platform,
      `select (select count(*)::int from attempts) as attempts, (select count(distinct attempt_id)::int from charges) as charges`,
    );
    expect(row?.charges).toBe(row?.attempts);
    const attempt = await bench().anAttempt("northbank", asDay("2024-06-01"), asDay("2024-06-02"));
    await bench()
      .platform.app.get(UnitOfWork)
      .run(system, (tx) => bench().platform.app.get(Metering).charge(tx, attempt));
    const charges = await asSystem<{ milliseconds: string }>(bench().platform, "select milliseconds from charges where attempt_id = $1", [
      attempt,
    ]);
    expect(charges).toEqual([{ milliseconds: "86400000" }]);
  });

  it("charges nothing for what never spoke, and a lost run up to its last word", async () => {
    const of = async (attempt: string) =>
      (
        await asSystem<{ milliseconds: string; cost: string; unit: string }>(
          bench().platform,
          "select milliseconds, cost, unit from charges where attempt_id = $1",
          [attempt],
        )
      )[0];
    expect(await of(await bench().anAttempt("northbank", null, asDay("2024-06-03")))).toEqual({
      milliseconds: "0",
      cost: "0",
      unit: "cpu",
    });
    const heardAt = new Date(asDay("2024-06-03").getTime() + 5000);
    expect(
      (await of(await bench().anAttempt("northbank", asDay("2024-06-03"), asDay("2024-06-04"), { state: "lost", heardAt })))?.milliseconds,
    ).toBe("5000");
    await asSystem(bench().platform, "update clusters set device = 'cuda (H200)'");
    expect((await of(await bench().anAttempt("northbank", asDay("2024-06-03"), asDay("2024-06-04"))))?.unit).toBe("gpu");
    await asSystem(bench().platform, "update clusters set device = null");
  });
});

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

/**
 * What the month comes to, counted anew from the rows that were there before any charge: attempts, prices, bytes, edges. Knows nothing of the
 * code that charges and splits.
 */
async function recounted(
  month: string,
  rule: SplitRule,
): Promise<{ metered: number; shared: number; statements: Record<string, [number, number]> }> {
  const attempts = await asSystem<{ slug: string; model: string; cost: string; ms: string }>(
    bench().platform,
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
    bench().platform,
    `select i.slug, floor(sum(d.bytes::numeric * d.price) / (1073741824.0 * extract(day from $2::timestamptz - $1::timestamptz)) + 0.5) as cost
     from storage_days d join institutions i on i.id = d.institution_id where d.day >= $1 and d.day < $2 group by 1`,
    [asDay(`${month}-01`), endOfMonth(month)],
  );
  const payers = [...bench().institutions.keys()].filter((slug) => slug !== PLATFORM_SLUG).sort();
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
      bench().platform,
      `with recursive below as (
         select e.child_id from edges e join versions p on p.id = e.parent_id where p.model_id = $1
         union select e.child_id from below b join edges e on e.parent_id = b.child_id)
       select count(distinct v.id)::int as n from below b join versions v on v.id = b.child_id where v.institution_id = $2 and v.sealed_at < $3`,
      [model, bench().institutions.get(slug), endOfMonth(month)],
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
