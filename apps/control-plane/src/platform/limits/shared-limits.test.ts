import { paths } from "@ziggurat/contracts";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FreshDatabase, freshDatabase } from "../../../test/fresh-database.js";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { until } from "../../../test/jobs-bench.js";
import { RequestLimits } from "./request-limits.js";
import { SharedLimits } from "./shared-limits.js";

let database: FreshDatabase;
const open: TestPlatform[] = [];
const replica = async (perMinute: number): Promise<TestPlatform> => {
  const platform = await startPlatform({
    database,
    env: { DATABASE_URL: database.appUrl, ZIGGURAT_RATE_LIMIT: String(perMinute), ZIGGURAT_RATE_LIMIT_UNKNOWN: "0" },
  });
  open.push(platform);
  return platform;
};
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(async () => {
  for (const platform of open.splice(0)) await platform.close();
  await database.drop();
});

/** How many of so many requests at once get through. */
async function passed(platform: TestPlatform, { headers }: Client, count: number): Promise<number> {
  const answers = await Promise.all(Array.from({ length: count }, () => fetch(platform.url + paths.me(), { headers })));
  return answers.filter(({ status }) => status === 200).length;
}
const exchange = (platform: TestPlatform) => platform.app.get(SharedLimits).exchange();
/** What this process lets through of one caller, without a request around it. */
const takes = (platform: TestPlatform, caller: string, count: number): number => {
  const limits = platform.app.get(RequestLimits);
  let letThrough = 0;
  for (let n = 0; n < count; n += 1) {
    try {
      limits.takeKnown(caller, { headers: () => undefined });
      letThrough += 1;
    } catch {
      return letThrough;
    }
  }
  return letThrough;
};

describe("two processes that answer requests on one database", () => {
  it("have one quota together, which one learns from the other by itself within moments", async () => {
    const one = await replica(60);
    const other = await replica(60);
    const { admin } = one;
    expect(await passed(one, admin, 50)).toBe(50);
    const told = "select 1 from request_buckets where full_at > now() + interval '30 seconds'";
    await until(async () => (await asSystem(one, told)).length > 0, "what was told");
    // The other learns with the first of its own requests.
    expect(await passed(other, admin, 1)).toBe(1);
    await exchange(other);
    const more = await passed(other, admin, 60);
    // What came back meanwhile, a request a second, is let through as well.
    expect(more).toBeLessThan(30);
    await exchange(other);
    expect(await passed(one, admin, 1)).toBeLessThan(2);
    await exchange(one);
    const refused = await one.admin.get(paths.me());
    expect([refused.status, Number(refused.headers.get("retry-after")) > 0]).toEqual([429, true]);
  });

  it("let each ignorant moment be owed: what passed too much keeps the caller waiting as long as it takes to come back", async () => {
    const [one, other] = [await replica(6000), await replica(6000)];
    for (const each of [one, other]) {
      // While they ran some came back.
      const first = takes(each, "busy", 7000);
      expect(first).toBeGreaterThanOrEqual(6000);
      expect(first).toBeLessThan(6500);
    }
    await exchange(one);
    await exchange(other);
    // Twice the quota is out; half of it must have come back before the next one passes.
    const [row] = await asSystem<{ seconds: number }>(
      one,
      "select max(extract(epoch from full_at - now()))::float8 as seconds from request_buckets",
    );
    expect(row?.seconds).toBeGreaterThan(90);
    expect(row?.seconds).toBeLessThan(130);
    expect(takes(other, "busy", 1)).toBe(0);
    const third = await replica(6000);
    expect(takes(third, "busy", 1)).toBe(1);
    await exchange(third);
    expect(takes(third, "busy", 10)).toBe(0);
    // Whoever asked at neither is let through at both.
    expect([takes(one, "calm", 10), takes(other, "calm", 10)]).toEqual([10, 10]);
  });

  it("tell what could not be told while the database was away, and keep neither addresses nor ids of tokens", async () => {
    const one = await replica(600);
    expect(takes(one, "somebody", 300)).toBe(300);
    const superuser = new pg.Client({ connectionString: database.superuserUrl });
    await superuser.connect();
    try {
      await superuser.query("alter table request_buckets rename to away");
      await expect(exchange(one)).rejects.toThrow("request_buckets");
      await superuser.query("alter table away rename to request_buckets");
    } finally {
      await superuser.end();
    }
    await exchange(one);
    const rows = await asSystem<{ text: string; ms: number }>(
      one,
      "select to_jsonb(b)::text as text, extract(epoch from full_at - now())::float8 * 1000 as ms from request_buckets b order by full_at",
    );
    expect(rows.at(-1)?.ms).toBeGreaterThan(20_000);
    for (const { text } of rows) expect(text).not.toMatch(/somebody|127\.0\.0\.1|tok_|ses_/);
  });

  it("forget callers whose quota has come back", async () => {
    const one = await replica(6000);
    await asSystem(
      one,
      "insert into request_buckets values ('gone', now() - interval '2 minutes'), ('there', now() + interval '1 minute')",
    );
    takes(one, "somebody", 1);
    await exchange(one);
    const keys = await asSystem<{ key: string }>(one, "select key from request_buckets where key in ('gone', 'there')");
    expect(keys).toEqual([{ key: "there" }]);
  });
});

it("a process that is alone tells nobody", async () => {
  const platform = await startPlatform({ database });
  open.push(platform);
  await platform.admin.get(paths.me());
  await exchange(platform);
  expect(await asSystem(platform, "select 1 from request_buckets")).toEqual([]);
});
