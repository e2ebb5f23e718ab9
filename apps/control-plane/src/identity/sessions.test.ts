import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, send, startPlatform, type TestPlatform } from "../../test/harness.js";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
  await platform.addPerson("platform", "engineer@ziggurat.example", "platform_engineer");
  await platform.addPerson("platform", "timed@ziggurat.example", "auditor");
});
afterAll(() => platform?.close());

const login = (email: string, password: string, headers: Readonly<Record<string, string>> = {}) =>
  send(platform.url, "POST", paths.login(), { email, password }, headers);
const ENGINEER = { email: "engineer@ziggurat.example", password: "a long enough password" };

describe("signing in", () => {
  it("opens a session whose cookie answers who I am", async () => {
    const session = await platform.signIn("admin@ziggurat.example");
    const me = await send(platform.url, "GET", paths.me(), undefined, { cookie: session.cookie });
    expect(me.body).toMatchObject({
      email: "admin@ziggurat.example",
      institution: { slug: "platform" },
      roles: ["platform_admin"],
      csrfToken: session.csrfToken,
      mustChangePassword: false,
    });
    expect(me.body.scopes).toContain("admin");
  });

  it("sets a cookie that scripts cannot read and other sites cannot send along", async () => {
    const cookie = (await login(ENGINEER.email, ENGINEER.password)).headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^zig_session=[0-9a-f]{64}; /);
    expect(cookie).toContain("HttpOnly");
    expect(cookie).toContain("SameSite=Lax");
    expect(cookie).toContain("Path=/");
    expect(cookie).not.toContain("Secure");
  });

  it("takes the address in any case, and says the same to a wrong password and to an unknown address", async () => {
    expect((await login("Engineer@Ziggurat.Example", ENGINEER.password)).status).toBe(200);
    const wrong = await login(ENGINEER.email, "not the password");
    const unknown = await login("nobody@ziggurat.example", "not the password");
    const same = ({ status, body }: typeof wrong) => ({ status, code: body.code, detail: body.detail, title: body.title });
    expect(same(wrong)).toEqual(same(unknown));
    expect(wrong.body.code).toBe("invalid_credentials");
  });

  it("spends the same effort on an unknown address as on a wrong password", async () => {
    const time = async (email: string): Promise<number> => {
      const start = performance.now();
      await login(email, "not the password");
      return performance.now() - start;
    };
    // In turn, so that a machine whose speed drifts treats both alike.
    let [known, unknown] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let n = 0; n < 4; n += 1) {
      known = Math.min(known, await time("timed@ziggurat.example"));
      unknown = Math.min(unknown, await time("stranger@ziggurat.example"));
    }
    expect(unknown).toBeGreaterThan(known / 3);
  });

  it("writes every refusal into the audit log, of an unknown address into the platform's without the address", async () => {
    const { body: me } = await platform.admin.get(`${paths.members("platform")}?limit=200`);
    const engineer = me.data.find(({ email }: { email: string }) => email === ENGINEER.email);
    await login(ENGINEER.email, "not the password");
    await login("nobody-at-all@ziggurat.example", "not the password");
    const rows = await asSystem<{ object: string; reason: string }>(
      platform,
      "select object, reason from audit_entries where action = 'session.refused' order by id desc limit 2",
    );
    expect(rows.map(({ object }) => object)).toEqual(["nobody", engineer.id]);
    expect(JSON.stringify(rows)).not.toContain("nobody-at-all");
    expect(rows[0]?.reason).toContain("127.0.0.1");
  });

  it("takes no password that is guessed first, when it is changed and when a member is added", async () => {
    const { cookie, csrfToken } = await platform.signIn(ENGINEER.email);
    const change = { currentPassword: ENGINEER.password, newPassword: "password1234" };
    const changed = await send(platform.url, "POST", paths.password(), change, { cookie, "x-csrf-token": csrfToken });
    expect([changed.status, changed.body.errors]).toEqual([
      422,
      [expect.objectContaining({ code: "password_common", pointer: "/newPassword" })],
    ]);
    const member = { email: "easy@ziggurat.example", name: "Easy", roles: ["auditor"] };
    const added = await platform.admin.post(paths.members("platform"), { ...member, password: "123456789012" });
    expect([added.status, added.body.errors]).toEqual([422, [expect.objectContaining({ code: "password_common", pointer: "/password" })]]);
    expect((await platform.admin.post(paths.members("platform"), { ...member, password: "several words of no fame" })).status).toBe(201);
  });

  it("slows down guessing one account, and only that one", async () => {
    await platform.addPerson("platform", "victim@ziggurat.example", "auditor");
    for (let n = 0; n < 5; n += 1) expect((await login("victim@ziggurat.example", `guess ${n}`)).body.code).toBe("invalid_credentials");
    const limited = await login("victim@ziggurat.example", "a long enough password");
    expect([limited.status, limited.body.code]).toEqual([429, "limited"]);
    expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await login(ENGINEER.email, ENGINEER.password)).status).toBe(200);
  });

  it("never stores the secret that the cookie carries", async () => {
    const { cookie } = await platform.signIn(ENGINEER.email);
    const secret = cookie.split("=")[1];
    const rows = await asSystem<{ found: boolean }>(platform, "select to_jsonb(s)::text like '%' || $1 || '%' as found from sessions s", [
      secret,
    ]);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.some(({ found }) => found)).toBe(false);
  });
});

describe("an unsafe call with the cookie", () => {
  it("needs the session's CSRF token; one with a bearer token does not", async () => {
    const { cookie, csrfToken } = await platform.signIn("admin@ziggurat.example");
    const body = (slug: string) => ({ slug, name: slug });
    const without = await send(platform.url, "POST", paths.institutions(), body("no-csrf"), { cookie });
    expect([without.status, without.body.code]).toEqual([403, "csrf"]);
    const wrong = await send(platform.url, "POST", paths.institutions(), body("no-csrf"), { cookie, "x-csrf-token": "x".repeat(64) });
    expect(wrong.body.code).toBe("csrf");
    const right = await send(platform.url, "POST", paths.institutions(), body("with-csrf"), { cookie, "x-csrf-token": csrfToken });
    expect(right.status).toBe(201);
    expect((await platform.admin.post(paths.institutions(), body("by-token"))).status).toBe(201);
  });
});

describe("a session", () => {
  it("ends when its owner signs out", async () => {
    const { cookie, csrfToken } = await platform.signIn(ENGINEER.email);
    const out = await send(platform.url, "POST", paths.logout(), undefined, { cookie, "x-csrf-token": csrfToken });
    expect(out.status).toBe(204);
    expect(out.headers.get("set-cookie")).toContain("zig_session=;");
    expect((await send(platform.url, "GET", paths.me(), undefined, { cookie })).body.code).toBe("unauthenticated");
  });

  it("ends by itself when it is not used", async () => {
    const { cookie } = await platform.signIn(ENGINEER.email);
    await asSystem(
      platform,
      "update sessions set expires_at = now() - interval '1 second' where user_id = (select id from users where email = $1)",
      [ENGINEER.email],
    );
    expect((await send(platform.url, "GET", paths.me(), undefined, { cookie })).status).toBe(401);
  });

  it("goes on while it is used, but not beyond fourteen days", async () => {
    const { cookie } = await platform.signIn(ENGINEER.email);
    const mine = "user_id = (select id from users where email = $1)";
    await asSystem(platform, `update sessions set expires_at = now() + interval '1 hour' where ${mine}`, [ENGINEER.email]);
    await send(platform.url, "GET", paths.me(), undefined, { cookie });
    const left = async (): Promise<number | undefined> =>
      (
        await asSystem<{ hours: number }>(
          platform,
          `select round(extract(epoch from max(expires_at) - now()) / 3600)::int as hours from sessions where ${mine}`,
          [ENGINEER.email],
        )
      )[0]?.hours;
    expect(await left()).toBe(12);
    await asSystem(
      platform,
      `update sessions set expires_at = now() + interval '1 hour', created_at = now() - interval '14 days' + interval '2 hours' where ${mine}`,
      [ENGINEER.email],
    );
    await send(platform.url, "GET", paths.me(), undefined, { cookie });
    expect(await left()).toBe(2);
  });
});

describe("a new password", () => {
  it("needs the old one, ends every other session and keeps this one", async () => {
    await platform.addPerson("platform", "changer@ziggurat.example", "auditor");
    const here = await platform.signIn("changer@ziggurat.example");
    const there = await platform.signIn("changer@ziggurat.example");
    const change = (currentPassword: string, newPassword: string) =>
      send(
        platform.url,
        "POST",
        paths.password(),
        { currentPassword, newPassword },
        { cookie: here.cookie, "x-csrf-token": here.csrfToken },
      );
    expect((await change("wrong", "another long password")).body.errors).toMatchObject([
      { code: "current_password", pointer: "/currentPassword" },
    ]);
    expect((await change("a long enough password", "short")).body.errors).toMatchObject([{ pointer: "/newPassword" }]);
    expect((await change("a long enough password", "another long password")).status).toBe(204);
    expect((await send(platform.url, "GET", paths.me(), undefined, { cookie: here.cookie })).status).toBe(200);
    expect((await send(platform.url, "GET", paths.me(), undefined, { cookie: there.cookie })).status).toBe(401);
    expect((await login("changer@ziggurat.example", "a long enough password")).status).toBe(401);
    expect((await login("changer@ziggurat.example", "another long password")).status).toBe(200);
  });
});
