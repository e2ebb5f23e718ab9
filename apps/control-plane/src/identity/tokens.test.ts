import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, send, startPlatform, type TestPlatform } from "../../test/harness.js";
import { newTokenText } from "./secrets.js";
import { checkToken } from "./token-life.js";

let platform: TestPlatform;
let member: Client;
beforeAll(async () => {
  platform = await startPlatform();
  await platform.addInstitution("bank");
  member = await platform.addPerson("bank", "member@bank.example", "institution_member");
});
afterAll(() => platform?.close());

const DAY = 24 * 3600 * 1000;
const make = (body: Readonly<Record<string, unknown>> = {}) =>
  member.post(paths.tokens(), { name: "mine", scopes: ["models:read"], ...body });
const withToken = (secret: string, path: string) => send(platform.url, "GET", path, undefined, { authorization: `Bearer ${secret}` });

describe("a token", () => {
  it("is shown once, lasts 90 days, and is stored as a hash only", async () => {
    const { status, body } = await make();
    expect(status).toBe(201);
    expect(body.secret).toMatch(/^zig_[0-9a-f]{32}_[0-9a-f]{72}$/);
    expect(Math.round((Date.parse(body.expiresAt) - Date.now()) / DAY)).toBe(90);
    const listed = await member.get(paths.tokens());
    expect(listed.text).not.toContain(body.secret.slice(40));
    expect(listed.body.data.map(({ id }: { id: string }) => id)).toContain(body.id);
    const rows = await asSystem<{ row: string }>(platform, "select to_jsonb(t)::text as row from tokens t where id = $1", [body.id]);
    expect(rows[0]?.row).not.toContain(body.secret.split("_")[2]);
  });

  it("opens what its scopes open and says which scope is missing elsewhere", async () => {
    const { secret } = (await make()).body;
    expect((await withToken(secret, paths.me())).body).toMatchObject({ scopes: ["models:read"], csrfToken: null });
    const refused = await withToken(secret, paths.institutions());
    expect([refused.status, refused.body.code]).toEqual([403, "insufficient_scope"]);
    expect(refused.headers.get("www-authenticate")).toBe('Bearer error="insufficient_scope", scope="institutions:read"');
  });

  it("never holds more than its owner may do, and names each scope that is too much", async () => {
    const { status, body } = await make({
      scopes: ["models:read", "admin", "audit:read"],
      expiresAt: new Date(Date.now() + 400 * DAY).toISOString(),
    });
    expect(status).toBe(422);
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(["/scopes/1", "/scopes/2", "/expiresAt"]);
  });

  it("is rotated with an overlap: the new one works at once, the old one until the overlap ends", async () => {
    const old = (await make({ expiresAt: new Date(Date.now() + 10 * DAY).toISOString() })).body;
    const { status, body } = await member.post(paths.tokenRotation(old.id), { overlapHours: 2 });
    expect([status, body.name, body.scopes, body.id === old.id]).toEqual([201, "mine", ["models:read"], false]);
    expect(Math.round((Date.parse(body.expiresAt) - Date.now()) / DAY)).toBe(10);
    expect([(await withToken(old.secret, paths.me())).status, (await withToken(body.secret, paths.me())).status]).toEqual([200, 200]);
    const listed = (await member.get(paths.tokens())).body.data.find(({ id }: { id: string }) => id === old.id);
    expect(Math.round((Date.parse(listed.expiresAt) - Date.now()) / 3_600_000)).toBe(2);
    await asSystem(platform, "update tokens set expires_at = now() - interval '1 second' where id = $1", [old.id]);
    const refused = await withToken(old.secret, paths.me());
    expect([refused.status, refused.body.code, (await withToken(body.secret, paths.me())).status]).toEqual([401, "token_expired", 200]);
    expect((await member.post(paths.tokenRotation(old.id), {})).status).toBe(404);
  });

  it("ends at once where no overlap is asked for, and never later than it would have", async () => {
    const [now, soon] = [(await make()).body, (await make({ expiresAt: new Date(Date.now() + 60_000).toISOString() })).body];
    await member.post(paths.tokenRotation(now.id), { overlapHours: 0 });
    expect((await withToken(now.secret, paths.me())).status).toBe(401);
    await member.post(paths.tokenRotation(soon.id), { overlapHours: 168 });
    const listed = (await member.get(paths.tokens())).body.data.find(({ id }: { id: string }) => id === soon.id);
    expect(Date.parse(listed.expiresAt)).toBeLessThan(Date.now() + 61_000);
    expect((await member.post(paths.tokenRotation(now.id), { overlapHours: 169 })).status).toBe(400);
  });

  it("is rotated by its owner alone, and answered once", async () => {
    const { id } = (await make()).body;
    const other = await platform.addPerson("bank", "other@bank.example", "institution_admin");
    expect((await other.post(paths.tokenRotation(id), {})).status).toBe(404);
    const key = { "idempotency-key": "rotate-once" };
    const first = await member.post(paths.tokenRotation(id), {}, key);
    const again = await member.post(paths.tokenRotation(id), {}, key);
    expect([first.status, again.status, again.text.includes(first.body.secret)]).toEqual([201, 409, false]);
  });

  it("loses what its owner's role loses, at once", async () => {
    const admin = await platform.addPerson("bank", "admin@bank.example", "institution_admin");
    await platform.addPerson("bank", "second@bank.example", "institution_admin");
    expect((await admin.get(paths.audit())).status).toBe(200);
    const changed = await platform.admin.patch(paths.member("bank", admin.viewer.userId), { roles: ["institution_member"] });
    expect(changed.status).toBe(200);
    expect((await admin.get(paths.audit())).body.code).toBe("insufficient_scope");
    expect((await admin.get(paths.me())).status).toBe(200);
  });

  it("answers token_expired after its end", async () => {
    const { secret, id } = (await make({ expiresAt: new Date(Date.now() + DAY).toISOString() })).body;
    expect((await withToken(secret, paths.me())).status).toBe(200);
    await asSystem(platform, "update tokens set expires_at = now() - interval '1 second' where id = $1", [id]);
    const late = await withToken(secret, paths.me());
    expect([late.status, late.body.code]).toEqual([401, "token_expired"]);
    expect(late.headers.get("www-authenticate")).toContain("Bearer");
  });

  it("is useless once revoked, and its owner alone can revoke it", async () => {
    const { secret, id } = (await make()).body;
    expect((await platform.admin.delete(paths.token(id))).status).toBe(404);
    expect((await member.delete(paths.token(id))).status).toBe(204);
    expect((await withToken(secret, paths.me())).body.code).toBe("unauthenticated");
    expect((await member.delete(paths.token(id))).status).toBe(404);
  });

  it("may begin as clients of the hub want it to, and is the same token", async () => {
    const { secret } = (await make()).body;
    expect((await withToken(secret.replace(/^zig_/, "hf_"), paths.me())).body).toMatchObject({
      id: member.viewer.userId,
      scopes: ["models:read"],
    });
  });

  it("remembers when it was last used and from where", async () => {
    const { secret, id } = (await make()).body;
    await withToken(secret, paths.me());
    const { data } = (await member.get(paths.tokens())).body;
    const used = data.find((token: { id: string }) => token.id === id);
    expect(Date.now() - Date.parse(used.lastUsedAt)).toBeLessThan(60_000);
    expect(used.lastUsedFrom).toBe("127.0.0.1");
    const elsewhere = await startPlatform({ database: platform.database, env: { ZIGGURAT_TRUSTED_PROXIES: "loopback" } });
    await send(elsewhere.url, "GET", paths.me(), undefined, { authorization: `Bearer ${secret}`, "x-forwarded-for": "192.0.2.7" });
    await elsewhere.close();
    const again = (await member.get(paths.tokens())).body.data.find((token: { id: string }) => token.id === id);
    expect(again.lastUsedFrom).toBe("192.0.2.7");
  });

  it("revoked at one process is refused by another at once", async () => {
    const other = await startPlatform({ database: platform.database });
    const { secret, id } = (await make()).body;
    const there = () => send(other.url, "GET", paths.me(), undefined, { authorization: `Bearer ${secret}` });
    expect((await there()).status).toBe(200);
    await member.delete(paths.token(id));
    const statuses = [(await there()).status, (await withToken(secret, paths.me())).status];
    await other.close();
    expect(statuses).toEqual([401, 401]);
  });

  it("that is forged in any way is answered with the same bytes", async () => {
    const { secret, id } = (await make()).body;
    await member.delete(paths.token(id));
    const valid = (await make()).body.secret as string;
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = { sub: member.viewer.userId, scope: "admin", exp: 9_999_999_999 };
    const body = valid.slice(0, -8);
    const crc = (text: string) => crc32(text).toString(16).padStart(8, "0");
    const flipped = Array.from({ length: 24 }, (_, n) => {
      const at = 4 + ((n * 7) % (body.length - 4));
      const turned = body.slice(0, at) + (body[at] === "a" ? "b" : "a") + body.slice(at + 1);
      return turned + crc(turned);
    });
    const forged: readonly string[] = [
      secret,
      ...flipped.filter((text) => text !== valid),
      newTokenText(`tok_${randomBytes(16).toString("hex")}`),
      ...[1, 8, 40, 72].map((cut) => valid.slice(0, -cut)),
      `${valid}0`,
      valid.toUpperCase(),
      valid.replace("zig_", "zig-"),
      `${body}${crc(body.replace("zig_", "hf_"))}`,
      `hf_${"a".repeat(34)}`,
      `sk-proj-${"a".repeat(48)}`,
      `ghp_${"a".repeat(36)}`,
      `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.`,
      `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}.${"a".repeat(43)}`,
      `zigrun_${"a".repeat(43)}`,
      "%00",
      "' or 1=1--",
      "a".repeat(8000),
    ];
    const answers = await Promise.all(
      forged.map((text) => send(platform.url, "GET", paths.me(), undefined, { authorization: `Bearer ${text}`, "x-request-id": "same" })),
    );
    const bytes = answers.map(({ status, text, headers }) =>
      JSON.stringify([status, text, [...headers].filter(([name]) => name !== "date" && !name.includes("ratelimit"))]),
    );
    expect(answers[0]?.status).toBe(401);
    expect(new Set(bytes).size).toBe(1);
    expect((await withToken(valid, paths.me())).status).toBe(200);
  });

  it("is refused when it is damaged, of another scheme, or absent", async () => {
    const { secret } = (await make()).body;
    const damaged = secret.slice(0, -1) + (secret.endsWith("0") ? "1" : "0");
    for (const authorization of [`Bearer ${damaged}`, `Basic ${secret}`, "Bearer", secret]) {
      const answer = await send(platform.url, "GET", paths.me(), undefined, { authorization });
      expect([answer.status, answer.body.code]).toEqual([401, "unauthenticated"]);
    }
    const none = await send(platform.url, "GET", paths.me());
    expect([none.status, none.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
  });

  it("cannot change its owner's password", async () => {
    const answer = await member.post(paths.password(), { currentPassword: "a long enough password", newPassword: "another long password" });
    expect([answer.status, answer.body.code]).toEqual([403, "denied"]);
  });
});

it("takes an end up to 365 days ahead and none in the past", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  const reasons = (days: number) =>
    checkToken(
      { scopes: ["models:read"] },
      { name: "t", scopes: ["models:read"], expiresAt: new Date(now + days * DAY).toISOString() },
      now,
    );
  expect([reasons(365), reasons(1)]).toEqual([[], []]);
  expect([reasons(366), reasons(0), reasons(-1)].map((found) => found[0]?.code)).toEqual(["expires_at", "expires_at", "expires_at"]);
});
