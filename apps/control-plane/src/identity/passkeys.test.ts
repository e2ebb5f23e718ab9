import { paths } from "@ziggurat/contracts";
import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, asSystem, type Client, send, startPlatform, type TestPlatform } from "../../test/harness.js";
import { SoftAuthenticator, type Tampering } from "../../test/soft-authenticator.js";

const PASSWORD = "several words of no fame";

let platform: TestPlatform;
let boss: Client;
let origin: string;
let people = 0;
beforeAll(async () => {
  platform = await startPlatform();
  await platform.addInstitution("bank");
  boss = await platform.addPerson("bank", "boss@bank.example", "institution_admin");
  origin = platform.url.replace("127.0.0.1", "localhost");
});
afterAll(() => platform?.close());

/** A browser: keeps its cookies. */
class Browser {
  readonly cookies = new Map<string, string>();
  csrf = "";

  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await send(platform.url, method, path, body, { cookie, "x-csrf-token": this.csrf });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.cookies.set(name, value);
    }
    if (answer.body?.csrfToken) this.csrf = answer.body.csrfToken;
    return answer;
  }

  post = (path: string, body?: unknown): Promise<Answer> => this.call("POST", path, body);

  async signIn(authenticator: SoftAuthenticator, tampered?: Tampering): Promise<Answer> {
    const { body } = await this.post(paths.passkeySignInOptions());
    return this.post(paths.passkeySignIn(), { passkey: authenticator.sign(body, tampered) });
  }
}

const login = (browser: Browser, email: string, more: object = {}) => browser.post(paths.login(), { email, password: PASSWORD, ...more });

async function aPerson() {
  people += 1;
  const email = `person-${people}@bank.example`;
  const { body } = await boss.post(paths.members("bank"), {
    email,
    name: `Person ${people}`,
    roles: ["institution_member"],
    password: PASSWORD,
  });
  const browser = new Browser();
  expect((await login(browser, email)).status).toBe(200);
  return { id: body.id as string, email, browser };
}

async function register(browser: Browser, name = "Key", proof: object = { currentPassword: PASSWORD }) {
  const authenticator = new SoftAuthenticator(origin);
  const options = await browser.post(paths.passkeyOptions(), proof);
  expect(options.status, options.text).toBe(200);
  const added = await browser.post(paths.passkeys(), { name, response: authenticator.make(options.body) });
  expect(added.status, added.text).toBe(201);
  return { authenticator, options: options.body, added: added.body };
}
async function withPasskey() {
  const person = await aPerson();
  return { ...person, ...(await register(person.browser)) };
}
const listOf = async (browser: Browser) => (await browser.call("GET", paths.passkeys())).body;
const whoIs = async (browser: Browser) => (await browser.call("GET", paths.me())).body?.email ?? null;

describe("a passkey", () => {
  it("is made for localhost, asks for the person, and names nobody in what it is given but the account's id", async () => {
    const { browser, options, added, id } = await withPasskey();
    expect(options).toMatchObject({
      rp: { id: "localhost" },
      attestation: "none",
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
    expect(Buffer.from(options.user.id, "base64url").toString()).toBe(id);
    expect(added.recoveryCodes).toHaveLength(10);
    const { recoveryCodes: _, ...passkey } = added;
    expect(await listOf(browser)).toEqual({ data: [passkey], host: "localhost" });
    const second = await register(browser, "Another");
    expect([second.added.recoveryCodes, second.options.excludeCredentials.length]).toEqual([null, 1]);
  });

  it("signs in alone, and notes when", async () => {
    const { authenticator, email } = await withPasskey();
    const browser = new Browser();
    const answer = await browser.signIn(authenticator);
    expect([answer.status, await whoIs(browser)]).toEqual([200, email]);
    expect((await listOf(browser)).data[0].lastUsedAt).not.toBeNull();
    const [entry] = await asSystem<{ reason: string }>(
      platform,
      "select reason from audit_entries where action = 'session.open' and actor_name = $1 order by id desc limit 1",
      [`Person ${people}`],
    );
    expect(entry?.reason).toBe("by passkey");
  });

  it("is asked for after the password, where a code or a recovery code does as well", async () => {
    const { authenticator, email, added } = await withPasskey();
    const browser = new Browser();
    const bare = await login(browser, email);
    expect([bare.status, bare.body.code]).toEqual([401, "second_factor_required"]);
    const { body: options } = await browser.post(paths.passkeySignInOptions());
    expect((await login(browser, email, { passkey: authenticator.sign(options) })).status).toBe(200);
    expect((await login(new Browser(), email, { code: added.recoveryCodes[0] })).status).toBe(200);
    expect((await login(new Browser(), email, { code: added.recoveryCodes[0] })).status).toBe(401);
    expect((await login(new Browser(), email, { code: "123456" })).status).toBe(401);
  });

  it("of somebody else does not stand in after a password", async () => {
    const one = await withPasskey();
    const two = await withPasskey();
    const browser = new Browser();
    const { body: options } = await browser.post(paths.passkeySignInOptions());
    const answer = await login(browser, one.email, { passkey: two.authenticator.sign(options) });
    expect([answer.status, answer.body.code, answer.body.errors[0].pointer]).toEqual([401, "second_factor_required", "/passkey"]);
  });

  it.each<[string, (person: { id: string }) => Tampering]>([
    ["made for another page", () => ({ origin: "http://evil.example" })],
    ["made for the same host's other port", () => ({ origin: "http://localhost:1" })],
    ["made for another host", () => ({ host: "evil.example" })],
    ["an answer to another question", () => ({ challenge: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" })],
    ["an answer to the question for making one", () => ({ type: "webauthn.create" })],
    ["without the person", () => ({ isVerified: false })],
    ["said to be somebody else's", () => ({ userHandle: Buffer.from(`usr_${"0".repeat(32)}`).toString("base64url") })],
    ["signed by nobody", () => ({ signature: Buffer.from("30060201010201", "hex") })],
  ])("is refused when it is %s, in the same words, and noted", async (_, tampering) => {
    const person = await withPasskey();
    const answer = await new Browser().signIn(person.authenticator, tampering(person));
    const unknown = await new Browser().signIn(new SoftAuthenticator(origin));
    expect([answer.status, answer.body.code, answer.body.detail]).toEqual([401, "invalid_credentials", unknown.body.detail]);
    expect(answer.headers.getSetCookie()).toEqual([]);
    const noted = await asSystem(platform, "select 1 from audit_entries where action = 'session.refused' and reason like 'a passkey%'");
    expect(noted.length).toBeGreaterThanOrEqual(2);
    // The count of failures is by address, and all tests have the same.
    await new Browser().signIn(person.authenticator);
  });

  it("opens another institution beside the one that is open, under the same conditions, and says nothing where it does not", async () => {
    const there = await withPasskey();
    await platform.addInstitution(`other-${people}`);
    const email = `here-${people}@other.example`;
    await platform.addPerson(`other-${people}`, email, "institution_member");
    const browser = new Browser();
    await browser.post(paths.login(), { email, password: "a long enough password" });
    const join = async (passkey: SoftAuthenticator, tampered?: Tampering) => {
      const { body } = await browser.post(paths.passkeySignInOptions());
      return browser.post(paths.joinByPasskey(), { passkey: passkey.sign(body, tampered) });
    };
    const refused = await join(there.authenticator, { isVerified: false });
    const unknown = await join(new SoftAuthenticator(origin));
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([401, "invalid_credentials", unknown.body.detail]);
    expect(await whoIs(browser)).toBe(email);
    const { csrf, cookies } = browser;
    browser.csrf = "";
    expect((await join(there.authenticator)).body.code).toBe("csrf");
    browser.csrf = csrf;
    const copy = Object.assign(new Browser(), { cookies: new Map(cookies), csrf });
    expect((await join(there.authenticator)).status).toBe(200);
    expect([await whoIs(browser), await whoIs(copy)]).toEqual([there.email, null]);
    const held = (await browser.call("GET", paths.ownSessions())).body.data.filter(({ isHeld }: { isHeld: boolean }) => isHeld);
    expect(held.map(({ email }: { email: string }) => email)).toEqual([there.email, email]);
    expect((await join(there.authenticator)).body.errors[0].code).toBe("institution_open");
    expect(
      (
        await boss.post(paths.joinByPasskey(), {
          passkey: there.authenticator.sign((await browser.post(paths.passkeySignInOptions())).body),
        })
      ).status,
    ).toBe(403);
  });

  it("opens everything to its owner, whatever password they were given meanwhile and do not know", async () => {
    const { id, authenticator, email } = await withPasskey();
    const { oneTimePassword } = (await boss.post(paths.memberPassword("bank", id))).body;
    const browser = new Browser();
    await browser.signIn(authenticator);
    expect((await browser.call("GET", paths.me())).body).toMatchObject({ hasPassword: true, mustChangePassword: false });
    expect((await browser.call("GET", paths.tokens())).status).toBe(200);
    const byPassword = new Browser();
    const { body } = await byPassword.post(paths.passkeySignInOptions());
    await byPassword.post(paths.login(), { email, password: oneTimePassword, passkey: authenticator.sign(body) });
    expect((await byPassword.call("GET", paths.me())).body.mustChangePassword).toBe(true);
    expect((await byPassword.call("GET", paths.tokens())).body.errors[0].code).toBe("password_change_required");
  });

  it("is refused when its count does not go on: somebody has a copy of it", async () => {
    const { authenticator } = await withPasskey();
    expect((await new Browser().signIn(authenticator, { counter: 7 })).status).toBe(200);
    expect((await new Browser().signIn(authenticator, { counter: 7 })).status).toBe(401);
    expect((await new Browser().signIn(authenticator, { counter: 3 })).status).toBe(401);
    expect((await new Browser().signIn(authenticator, { counter: 8 })).status).toBe(200);
  });

  it("answers a question once, soon, and from the browser that was asked", async () => {
    const { authenticator } = await withPasskey();
    const browser = new Browser();
    const { body: options } = await browser.post(paths.passkeySignInOptions());
    // One that does not count, as most that are synced: its count would give a second use away by itself.
    const passkey = authenticator.sign(options, { counter: 0 });
    const other = new Browser();
    await other.post(paths.passkeySignInOptions());
    expect((await other.post(paths.passkeySignIn(), { passkey })).status).toBe(401);
    expect((await new Browser().post(paths.passkeySignIn(), { passkey })).status).toBe(401);
    const both = await Promise.all([browser.post(paths.passkeySignIn(), { passkey }), browser.post(paths.passkeySignIn(), { passkey })]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect((await browser.post(paths.passkeySignIn(), { passkey })).status).toBe(401);
    const { body: late } = await browser.post(paths.passkeySignInOptions());
    await asSystem(platform, "update passkey_challenges set expires_at = now() where challenge = $1", [late.challenge]);
    expect((await browser.post(paths.passkeySignIn(), { passkey: authenticator.sign(late) })).status).toBe(401);
    expect((await browser.signIn(authenticator)).status).toBe(200);
  });

  it("opens nothing of somebody who left", async () => {
    const { authenticator, id } = await withPasskey();
    expect((await boss.delete(paths.member("bank", id))).status).toBe(204);
    expect((await new Browser().signIn(authenticator)).status).toBe(401);
    expect(await asSystem(platform, "select 1 from passkeys where user_id = $1", [id])).toEqual([]);
  });
});

describe("making one", () => {
  it("takes the password, and not a token", async () => {
    const { browser } = await aPerson();
    expect((await browser.post(paths.passkeyOptions(), { currentPassword: "not the password" })).status).toBe(422);
    expect((await browser.post(paths.passkeyOptions(), {})).status).toBe(422);
    const token = await platform.addPerson("bank", "token-holder@bank.example", "institution_member");
    expect((await token.post(paths.passkeyOptions(), { currentPassword: "a long enough password" })).status).toBe(403);
  });

  it("takes a code as well, where an app's codes are asked for", async () => {
    const { browser } = await aPerson();
    const { secret } = (await browser.post(paths.secondFactor(), { currentPassword: PASSWORD })).body;
    const code = (steps: number) => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });
    const { recoveryCodes } = (await browser.post(paths.secondFactorAct("confirm"), { code: code(-1) })).body;
    expect((await browser.post(paths.passkeyOptions(), { currentPassword: PASSWORD })).status).toBe(422);
    const { added } = await register(browser, "Key", { currentPassword: PASSWORD, code: recoveryCodes[0] });
    expect(added.recoveryCodes).toBeNull();
    // The app's end leaves the passkey, and the recovery codes that stand in for it.
    expect((await browser.post(paths.secondFactorAct("end"), { currentPassword: PASSWORD, code: recoveryCodes[1] })).status).toBe(204);
    expect((await browser.call("GET", paths.secondFactor())).body).toEqual({ isOn: false, since: null, recoveryCodes: 8 });
  });

  it.each<[string, Tampering]>([
    ["another page", { origin: "http://evil.example" }],
    ["another host", { host: "evil.example" }],
    ["another question", { challenge: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }],
    ["nobody verified", { isVerified: false }],
  ])("is refused for %s", async (_, tampering) => {
    const { browser } = await aPerson();
    const { body: options } = await browser.post(paths.passkeyOptions(), { currentPassword: PASSWORD });
    const refused = await browser.post(paths.passkeys(), { name: "Key", response: new SoftAuthenticator(origin).make(options, tampering) });
    expect([refused.status, refused.body.errors[0].code]).toEqual([422, "passkey_refused"]);
    expect((await listOf(browser)).data).toEqual([]);
  });

  it("is refused a second time, to another browser and to another person", async () => {
    const [one, two] = [await aPerson(), await aPerson()];
    const authenticator = new SoftAuthenticator(origin);
    const { body: options } = await one.browser.post(paths.passkeyOptions(), { currentPassword: PASSWORD });
    const response = authenticator.make(options);
    const stolen = new Browser();
    await login(stolen, two.email);
    expect((await stolen.post(paths.passkeys(), { name: "Key", response })).status).toBe(422);
    // With the very cookie of the other browser: the question was another person's.
    stolen.cookies.set("zig_passkey", one.browser.cookies.get("zig_passkey") ?? "");
    expect((await stolen.post(paths.passkeys(), { name: "Key", response })).status).toBe(422);
    const again = await one.browser.post(paths.passkeyOptions(), { currentPassword: PASSWORD });
    const made = authenticator.make(again.body);
    expect((await one.browser.post(paths.passkeys(), { name: "Key", response: made })).status).toBe(201);
    expect((await one.browser.post(paths.passkeys(), { name: "Key", response: made })).status).toBe(422);
  });

  it("of one that somebody has already is refused, and says nothing of whose it is", async () => {
    const { authenticator } = await withPasskey();
    const { browser } = await aPerson();
    const { body: options } = await browser.post(paths.passkeyOptions(), { currentPassword: PASSWORD });
    const refused = await browser.post(paths.passkeys(), { name: "Key", response: authenticator.make(options) });
    expect([refused.status, refused.body.errors[0].code]).toEqual([422, "passkey_refused"]);
  });

  it("takes a session of a few minutes ago from who has no password", async () => {
    const { id, browser } = await aPerson();
    await asSystem(platform, "update users set password_hash = null where id = $1", [id]);
    const { authenticator } = await register(browser, "Key", {});
    await asSystem(platform, "update sessions set created_at = now() - interval '11 minutes' where user_id = $1", [id]);
    const old = await browser.post(paths.passkeyOptions(), {});
    expect([old.status, old.body.errors[0].code]).toEqual([422, "session_old"]);
    expect((await browser.signIn(authenticator)).status).toBe(200);
    expect((await browser.post(paths.passkeyOptions(), {})).status).toBe(200);
  });
});

describe("taking one off", () => {
  it("needs the password and a second factor, as taking off a code does", async () => {
    const { browser, added, authenticator, email } = await withPasskey();
    const remove = (proof: object) => browser.post(paths.passkeyRemoval(added.id), { currentPassword: PASSWORD, ...proof });
    expect([(await remove({})).status, (await remove({ code: "000000" })).status, (await remove({ currentPassword: "x" })).status]).toEqual(
      [422, 422, 422],
    );
    const stranger = new SoftAuthenticator(origin);
    const { body: first } = await browser.post(paths.passkeySignInOptions());
    expect((await remove({ passkey: stranger.sign(first) })).status).toBe(422);
    const { body: options } = await browser.post(paths.passkeySignInOptions());
    expect((await remove({ passkey: authenticator.sign(options) })).status).toBe(204);
    expect((await listOf(browser)).data).toEqual([]);
    expect((await login(new Browser(), email)).status).toBe(200);
    expect((await browser.call("GET", paths.secondFactor())).body.recoveryCodes).toBe(0);
    expect((await new Browser().signIn(authenticator)).status).toBe(401);
  });

  it("is not done to another person's", async () => {
    const one = await withPasskey();
    const two = await withPasskey();
    const { body: options } = await two.browser.post(paths.passkeySignInOptions());
    const answer = await two.browser.post(paths.passkeyRemoval(one.added.id), {
      currentPassword: PASSWORD,
      passkey: two.authenticator.sign(options),
    });
    expect([answer.status, (await listOf(one.browser)).data.length]).toEqual([404, 1]);
  });

  it("is done by an administrator who resets the second factor, and the access review shows both", async () => {
    const { id, email, authenticator } = await withPasskey();
    const held = async () =>
      (await boss.get(`${paths.accessReview()}?limit=200`)).body.data.find(({ user }: { user: string }) => user === id).credentials;
    expect(await held()).toMatchObject({ hasSecondFactor: true, passkeys: 1 });
    expect((await boss.delete(paths.memberSecondFactor("bank", id))).status).toBe(204);
    expect(await held()).toMatchObject({ hasSecondFactor: false, passkeys: 0 });
    expect([(await login(new Browser(), email)).status, (await new Browser().signIn(authenticator)).status]).toEqual([200, 401]);
  });
});
