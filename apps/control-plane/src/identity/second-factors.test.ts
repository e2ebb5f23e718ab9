import { setTimeout as wait } from "node:timers/promises";
import { paths } from "@ziggurat/contracts";
import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Answer, asSystem, send, startPlatform, type TestPlatform } from "../../test/harness.js";

const PASSWORD = "several words of no fame";
const SECRET_KEY = "a key of the operator's, long enough";

let platform: TestPlatform;
let people = 0;
beforeAll(async () => {
  platform = await startPlatform({ env: { ZIGGURAT_SECRET_KEY: SECRET_KEY } });
  await platform.addInstitution("bank");
});
afterAll(() => platform?.close());

/** Codes are worked out here and judged there: not across the end of their thirty seconds. */
beforeEach(async () => {
  const passed = Date.now() % 30_000;
  if (passed > 24_000) await wait(30_000 - passed);
});

const login = (email: string, code?: string, password = PASSWORD) =>
  send(platform.url, "POST", paths.login(), { email, password, ...(code === undefined ? {} : { code }) });
/** What an authenticator shows `steps` of thirty seconds from now. */
const shown = (secret: string, steps = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });

/** A member with a session of their own. */
async function aPerson(roles: readonly string[] = ["institution_member"]) {
  people += 1;
  const email = `person-${people}@bank.example`;
  const { body } = await platform.admin.post(paths.members("bank"), { email, name: `Person ${people}`, roles, password: PASSWORD });
  const session = await login(email);
  const headers = { cookie: session.headers.get("set-cookie")?.split(";")[0] ?? "", "x-csrf-token": session.body.csrfToken };
  const call = (method: string, path: string, content?: unknown): Promise<Answer> => send(platform.url, method, path, content, headers);
  return { id: body.id as string, email, call };
}
async function withFactor(roles?: readonly string[]) {
  const person = await aPerson(roles);
  const { secret } = (await person.call("POST", paths.secondFactor(), { currentPassword: PASSWORD })).body;
  const confirmed = await person.call("POST", paths.secondFactorAct("confirm"), { code: shown(secret, -1) });
  expect(confirmed.status, confirmed.text).toBe(200);
  return { ...person, secret: secret as string, recoveryCodes: confirmed.body.recoveryCodes as string[] };
}

describe("a second factor", () => {
  it("is asked for once a first code has confirmed it, and not before", async () => {
    const person = await aPerson();
    const off = { isOn: false, since: null, recoveryCodes: 0 };
    expect((await person.call("GET", paths.secondFactor())).body).toEqual(off);
    const begun = await person.call("POST", paths.secondFactor(), { currentPassword: PASSWORD });
    expect(begun.body.uri).toContain(`otpauth://totp/Ziggurat:${encodeURIComponent(person.email)}?`);
    expect([(await person.call("GET", paths.secondFactor())).body, (await login(person.email)).status]).toEqual([off, 200]);
    const wrong = await person.call("POST", paths.secondFactorAct("confirm"), { code: "000000" });
    expect([wrong.status, wrong.body.errors[0].code]).toEqual([422, "code_wrong"]);
    const confirmed = await person.call("POST", paths.secondFactorAct("confirm"), { code: shown(begun.body.secret) });
    expect(new Set(confirmed.body.recoveryCodes).size).toBe(10);
    expect((await person.call("GET", paths.secondFactor())).body).toEqual({ isOn: true, since: expect.any(String), recoveryCodes: 10 });
    const refused = await login(person.email);
    expect([refused.status, refused.body.code, refused.headers.get("set-cookie")]).toEqual([401, "second_factor_required", null]);
  });

  it("lets in with the code of now, and takes each code once", async () => {
    const { email, secret } = await withFactor();
    const code = shown(secret);
    expect((await login(email, code)).status).toBe(200);
    const again = await login(email, code);
    expect([again.status, again.body.errors[0].code]).toEqual([401, "code_wrong"]);
    expect((await login(email, shown(secret, -1))).status).toBe(401);
    expect((await login(email, shown(secret, 1))).status).toBe(200);
    expect((await login(email, shown(secret, 20))).status).toBe(401);
  });

  it("says nothing of itself to a wrong password", async () => {
    const { email, secret } = await withFactor();
    const wrong = await login(email, shown(secret), "not the password");
    expect([wrong.status, wrong.body.code]).toEqual([401, "invalid_credentials"]);
  });

  it("lets in by a recovery code, each once, in any case of letters", async () => {
    const { email, recoveryCodes, call } = await withFactor();
    const [first = ""] = recoveryCodes;
    expect((await login(email, first.toUpperCase())).status).toBe(200);
    expect((await login(email, first)).status).toBe(401);
    expect((await call("GET", paths.secondFactor())).body.recoveryCodes).toBe(9);
  });

  it("slows guessing of codes down as it does of passwords, and writes it into the audit log", async () => {
    const { id, email } = await withFactor();
    for (let n = 0; n < 5; n += 1) expect((await login(email, `00000${n}`)).body.code).toBe("second_factor_required");
    expect((await login(email, "000009")).status).toBe(429);
    const rows = await asSystem(
      platform,
      "select 1 from audit_entries where action = 'session.refused' and object = $1 and reason like 'wrong code%'",
      [id],
    );
    expect(rows).toHaveLength(5);
  });

  it("ends with password and code, and not with either alone", async () => {
    const { email, secret, call } = await withFactor();
    const end = (currentPassword: string, code: string) => call("POST", paths.secondFactorAct("end"), { currentPassword, code });
    expect((await end("not the password", shown(secret))).status).toBe(422);
    expect((await end(PASSWORD, "000000")).status).toBe(422);
    expect((await call("POST", paths.secondFactor(), { currentPassword: PASSWORD })).status).toBe(409);
    expect((await end(PASSWORD, shown(secret))).status).toBe(204);
    expect((await login(email)).status).toBe(200);
  });

  it("lies encrypted in the database, and recovery codes as hashes", async () => {
    const { id, secret, recoveryCodes } = await withFactor();
    const rows = await asSystem<{ row: string }>(
      platform,
      "select to_jsonb(f)::text as row from second_factors f where user_id = $1 union all select to_jsonb(c)::text from recovery_codes c where user_id = $1",
      [id],
    );
    const text = JSON.stringify(rows);
    expect([rows.length, text.includes(secret), recoveryCodes.some((code) => text.includes(code)), text.includes("sealed2:")]).toEqual([
      11,
      false,
      false,
      true,
    ]);
  });
});

describe("who may touch it", () => {
  it("is its owner by signing in, not a token, nor whoever only found the session open", async () => {
    const member = await platform.addPerson("bank", "token-holder@bank.example", "institution_member");
    expect((await member.post(paths.secondFactor(), { currentPassword: "x" })).status).toBe(403);
    const person = await aPerson();
    expect((await person.call("POST", paths.secondFactor(), { currentPassword: "not the password" })).status).toBe(422);
  });

  it("is not taken off by an administrator's own session, which does not know the code", async () => {
    const { id, email, call } = await withFactor(["institution_admin"]);
    expect((await call("DELETE", paths.memberSecondFactor("bank", id))).status).toBe(403);
    expect((await login(email)).body.code).toBe("second_factor_required");
  });

  it("is taken off by an administrator of the same institution, and by nobody else", async () => {
    const lost = await withFactor();
    const admin = await platform.addPerson("bank", "boss@bank.example", "institution_admin");
    await platform.addInstitution("other");
    const stranger = await platform.addPerson("other", "boss@other.example", "institution_admin");
    const member = await platform.addPerson("bank", "peer@bank.example", "institution_member");
    const path = paths.memberSecondFactor("bank", lost.id);
    expect([(await stranger.delete(path)).status, (await member.delete(path)).status, (await platform.admin.delete(path)).status]).toEqual([
      404, 403, 403,
    ]);
    const of = async () =>
      (await admin.get(`${paths.accessReview()}?limit=200`)).body.data.find(({ user }: { user: string }) => user === lost.id).credentials
        .hasSecondFactor;
    expect(await of()).toBe(true);
    expect([(await admin.delete(path)).status, (await admin.delete(path)).status]).toEqual([204, 404]);
    expect([await of(), (await login(lost.email)).status]).toEqual([false, 200]);
  });
});
