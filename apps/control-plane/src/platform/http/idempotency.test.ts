import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, send, startPlatform, type TestPlatform } from "../../../test/harness.js";
import { auditDigest } from "../database/audit-record.js";
import { IdempotencyRepository } from "./idempotency.repository.js";

let platform: TestPlatform;
let admin: Client;
beforeAll(async () => {
  platform = await startPlatform();
  ({ admin } = platform);
});
afterAll(() => platform?.close());

let keys = 0;
const aKey = (): string => {
  keys += 1;
  return `key-${keys}`;
};
const open = (slug: string, key: string, name = slug, client = admin) =>
  client.post(paths.institutions(), { slug, name }, { "idempotency-key": key });
const count = async (slug: string): Promise<number | undefined> =>
  (await asSystem<{ n: number }>(platform, "select count(*)::int as n from institutions where slug = $1", [slug]))[0]?.n;

describe("a repeated POST with its Idempotency-Key", () => {
  it("is answered as the first time, word for word, and says so", async () => {
    const key = aKey();
    const first = await open("first", key);
    const again = await open("first", key);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.text).toBe(first.text);
    expect([first.headers.get("idempotent-replayed"), again.headers.get("idempotent-replayed")]).toEqual([null, "true"]);
    expect(await count("first")).toBe(1);
  });

  it("is known by a digest that tells nobody what was in the body, and keeps no secret of a session", async () => {
    const [first, second] = ["one", "two"].map((word) => ({
      email: `both-${word}@people.example`,
      password: `a long enough password ${word}`,
    }));
    for (const [slug, who] of [["home", first] as const, ["away", second] as const]) {
      await open(slug, aKey());
      await admin.post(paths.members(slug), { ...who, name: "Both", roles: ["institution_member"] });
    }
    const { cookie, csrfToken } = await platform.signIn(first?.email ?? "", first?.password);
    const key = aKey();
    const headers = { cookie, "x-csrf-token": csrfToken, "idempotency-key": key };
    expect((await send(platform.url, "POST", paths.joinSession(), second, headers)).status).toBe(200);
    const [row] = await asSystem<{ body_digest: string; body: unknown }>(
      platform,
      "select body_digest, body from idempotency_keys where key = $1",
      [key],
    );
    expect(row?.body).toBeNull();
    expect(row?.body_digest).not.toBe(auditDigest({ url: paths.joinSession(), body: second }));
  });

  it("that was begun under a digest without a key, by an earlier release, is the same request", async () => {
    const key = aKey();
    const body = { slug: "earlier", name: "earlier" };
    const first = await open("earlier", key);
    await asSystem(platform, "update idempotency_keys set body_digest = $2 where key = $1", [
      key,
      auditDigest({ url: paths.institutions(), body }),
    ]);
    expect((await open("earlier", key)).text).toBe(first.text);
    expect((await open("earlier", key, "otherwise")).body.code).toBe("idempotency_key_reused");
  });

  it("with another body is refused", async () => {
    const key = aKey();
    await open("mine", key);
    const other = await open("other", key);
    expect([other.status, other.body.code]).toEqual([422, "idempotency_key_reused"]);
    expect(await count("other")).toBe(0);
  });

  it("is carried out once when both are sent at the same time", async () => {
    const key = aKey();
    const answers = await Promise.all([1, 2, 3, 4].map(() => open("at-once", key)));
    expect(await count("at-once")).toBe(1);
    const codes = answers.map(({ status, body }) => (status === 201 ? "201" : body.code));
    expect(codes).toContain("201");
    expect(codes.every((code) => code === "201" || code === "idempotency_in_progress" || code === "conflict")).toBe(true);
    expect((await open("at-once", key)).status).toBe(201);
  });

  it("belongs to its caller: another may use the same key", async () => {
    const other = await platform.addPerson("platform", "second@ziggurat.example", "platform_admin");
    const key = aKey();
    expect((await open("by-first", key)).status).toBe(201);
    expect((await open("by-second", key, "by-second", other)).status).toBe(201);
  });

  it("may be corrected after it was refused", async () => {
    const key = aKey();
    expect((await open("api", key)).status).toBe(422);
    expect((await open("corrected", key)).status).toBe(201);
  });

  it("never stores a secret: it is told what the first request did instead", async () => {
    const key = aKey();
    const token = { name: "t", scopes: ["models:read"] };
    const first = await admin.post(paths.tokens(), token, { "idempotency-key": key });
    const again = await admin.post(paths.tokens(), token, { "idempotency-key": key });
    expect([again.status, again.body.errors]).toEqual([409, [{ code: "already_done", detail: first.body.id }]]);
    const stored = await asSystem<{ row: string }>(platform, "select to_jsonb(k)::text as row from idempotency_keys k where key = $1", [
      key,
    ]);
    expect(stored[0]?.row).not.toContain(first.body.secret.split("_")[2]);
  });

  it("refuses a key that is no key", async () => {
    expect((await open("spaced", "a key with spaces")).body.code).toBe("invalid");
  });
});

describe("a process that died", () => {
  const abandon = (key: string, age: string, effect: string | null) =>
    asSystem(
      platform,
      `update idempotency_keys set status = null, headers = null, body = null, effect = $3, created_at = now() - $2::interval where key = $1`,
      [key, age, effect],
    );

  it("before it changed anything leaves the key to whoever asks again, after a minute", async () => {
    const key = aKey();
    await open("lost", key);
    await asSystem(platform, "update institutions set slug = 'lost-set-aside' where slug = 'lost'");
    await abandon(key, "30 seconds", null);
    expect((await open("lost", key)).body.code).toBe("idempotency_in_progress");
    await abandon(key, "61 seconds", null);
    expect((await open("lost", key)).status).toBe(201);
  });

  it("after it changed something is never repeated", async () => {
    const key = aKey();
    await open("done", key);
    await abandon(key, "2 hours", "done");
    const again = await open("done", key);
    expect(again.body).toMatchObject({ code: "conflict", errors: [{ code: "already_done", detail: "done" }] });
  });

  it("leaves what it changed noted at the key, in the same transaction", async () => {
    const key = aKey();
    await open("noted", key);
    const [row] = await asSystem<{ effect: string }>(platform, "select effect from idempotency_keys where key = $1", [key]);
    expect(row?.effect).toBe("noted");
  });
});

it("forgets keys after a day", async () => {
  const key = aKey();
  await open("yesterday", key);
  await asSystem(platform, "update idempotency_keys set created_at = now() - interval '25 hours' where key = $1", [key]);
  expect((await open("yesterday", key)).body.code).toBe("conflict");
  expect((await open("today", key)).status).toBe(201);
});

it("clears keys away that are past their time, and no others", async () => {
  const [old, fresh] = [aKey(), aKey()];
  await open("swept", old);
  await open("kept", fresh);
  await asSystem(platform, "update idempotency_keys set created_at = now() - interval '25 hours' where key = $1", [old]);
  const keys = platform.app.get(IdempotencyRepository, { strict: false });
  expect(await keys.sweep(100)).toBeGreaterThan(0);
  expect(await keys.sweep(100)).toBe(0);
  const left = await asSystem<{ key: string }>(platform, "select key from idempotency_keys where key = any($1)", [[old, fresh]]);
  expect(left).toEqual([{ key: fresh }]);
});
