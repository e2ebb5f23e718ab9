import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FreshDatabase, freshDatabase } from "../../test/fresh-database.js";
import { asSystem, send, startPlatform, type TestPlatform } from "../../test/harness.js";
import { LoginBackoff } from "./login-backoff.service.js";

const VICTIM = "victim@bank.example";
const PASSWORD = "a long enough password";

let database: FreshDatabase;
let one: TestPlatform;
let other: TestPlatform;
beforeAll(async () => {
  database = await freshDatabase();
  const env = { ZIGGURAT_RATE_LIMIT_UNKNOWN: "0" };
  one = await startPlatform({ database, env });
  other = await startPlatform({ database, env });
  await one.addInstitution("bank");
  await one.addPerson("bank", VICTIM, "institution_member");
});
afterAll(async () => {
  await one?.close();
  await other?.close();
  await database?.drop();
});

const login = (platform: TestPlatform, email: string, password: string) => send(platform.url, "POST", paths.login(), { email, password });
const refusals = () =>
  asSystem<{ reason: string; institution_id: string; object: string }>(
    one,
    "select reason, institution_id, object from audit_entries where action = 'session.refused' order by at, id",
  );

describe("a thousand wrong passwords over many connections and two processes", () => {
  it("are refused, a few of them read, all of them counted, and the log is not flooded", async () => {
    const answers: { readonly status: number; readonly code: string }[] = [];
    let sent = 0;
    const attack = async (): Promise<void> => {
      while (sent < 1000) {
        sent += 1;
        const { status, body } = await login(sent % 2 === 0 ? one : other, VICTIM, `guess number ${sent}`);
        answers.push({ status, code: body.code });
      }
    };
    await Promise.all(Array.from({ length: 40 }, attack));
    expect(answers).toHaveLength(1000);
    expect(new Set(answers.map(({ status, code }) => `${status} ${code}`))).toEqual(new Set(["401 invalid_credentials", "429 limited"]));
    const read = answers.filter(({ status }) => status === 401).length;
    expect(read).toBeGreaterThanOrEqual(5);
    expect(read).toBeLessThan(40);
    // Even the right one has to wait now, at either process, and so after a restart.
    expect((await login(one, VICTIM, PASSWORD)).status).toBe(429);
    expect((await login(other, VICTIM.toUpperCase(), PASSWORD)).status).toBe(429);
    const again = await startPlatform({ database });
    const limited = await login(again, VICTIM, PASSWORD);
    await again.close();
    expect([limited.status, Number(limited.headers.get("retry-after")) > 0]).toEqual([429, true]);

    await one.app.get(LoginBackoff).noteQuiet(0);
    await other.app.get(LoginBackoff).noteQuiet(0);
    const entries = await refusals();
    expect(entries).toHaveLength(read + 1);
    const turnedAway = entries.reduce((sum, { reason }) => sum + Number(/(\d+) more turned away/.exec(reason)?.[1] ?? 0), 0);
    expect(read + turnedAway).toBe(1003);
    const [person] = await asSystem<{ id: string; institution_id: string }>(one, "select id, institution_id from users where email = $1", [
      VICTIM,
    ]);
    expect(new Set(entries.map(({ object, institution_id }) => `${institution_id} ${object}`))).toEqual(
      new Set([`${person?.institution_id} ${person?.id}`]),
    );
    expect(JSON.stringify(entries)).not.toContain("guess");
  }, 60_000);

  it("let the owner in again once the wait is over, and leave nothing that names anybody", async () => {
    await asSystem(one, "update sign_in_streaks set last_at = last_at - interval '5 minutes'");
    expect((await login(one, VICTIM, PASSWORD)).status).toBe(200);
    expect((await login(other, VICTIM, "wrong once more")).status).toBe(401);
    const rows = await asSystem<{ text: string }>(one, "select to_jsonb(s)::text as text from sign_in_streaks s");
    expect(rows.length).toBeGreaterThan(0);
    for (const { text } of rows) {
      expect(text).not.toContain("bank.example");
      expect(text).not.toContain("127.0.0.1");
    }
  });

  it("keep nobody else out, nor the same person at another address", async () => {
    for (let n = 0; n < 6; n += 1) await login(one, VICTIM, `wrong ${n}`);
    expect((await login(one, VICTIM, PASSWORD)).status).toBe(429);
    expect((await one.signIn("admin@ziggurat.example")).status).toBe(200);
    const elsewhere = await startPlatform({ database, env: { ZIGGURAT_TRUSTED_PROXIES: "loopback" } });
    const away = await send(
      elsewhere.url,
      "POST",
      paths.login(),
      { email: VICTIM, password: PASSWORD },
      { "x-forwarded-for": "192.0.2.1" },
    );
    await elsewhere.close();
    expect(away.status).toBe(200);
  });
});

describe("one address that tries many accounts", () => {
  it("has to wait, and what was forgotten is no longer kept", async () => {
    await asSystem(one, "delete from sign_in_streaks");
    const spraying = await startPlatform({ database, env: { ZIGGURAT_SIGN_IN_LIMIT: "20", ZIGGURAT_TRUSTED_PROXIES: "loopback" } });
    const statuses: number[] = [];
    for (let n = 0; n < 30; n += 1) {
      const headers = { "x-forwarded-for": "192.0.2.99" };
      statuses.push(
        (await send(spraying.url, "POST", paths.login(), { email: `nobody-${n}@bank.example`, password: "Summer2026" }, headers)).status,
      );
    }
    await spraying.close();
    expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401));
    expect(statuses.slice(20)).toContain(429);
    // Pair and account of each, the address, and the pair of whoever started this.
    const [rows] = await asSystem<{ n: number }>(one, "select count(*)::int as n from sign_in_streaks");
    const read = statuses.filter((status) => status === 401).length;
    expect(rows?.n).toBe(2 * read + 2);
    expect((await one.signIn("admin@ziggurat.example")).status).toBe(200);
    await asSystem(one, "update sign_in_streaks set last_at = last_at - interval '1 hour'");
    await one.app.get(LoginBackoff).noteQuiet(0);
    expect(await asSystem(one, "select 1 from sign_in_streaks")).toEqual([]);
  });
});

it("lets right passwords that come together all in", async () => {
  const answers = await Promise.all(Array.from({ length: 15 }, () => login(one, VICTIM, PASSWORD)));
  expect(answers.map(({ status }) => status)).toEqual(Array(15).fill(200));
});
