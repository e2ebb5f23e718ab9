import { paths } from "@ziggurat/contracts";
import { generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asSystem, type Client, send, startPlatform, type TestPlatform } from "../../test/harness.js";
import { type OpenIdProvider, startOpenIdProvider } from "../../test/open-id-provider.js";
import { Walker } from "../../test/walker.js";

let op: OpenIdProvider;
let platform: TestPlatform;
let admin: Client;
let providerId: string;
const ADA = { sub: "ada-at-the-provider", email: "ada@northbank.example", name: "Ada", groups: ["bank-staff"] };
const MAPPING = [
  { group: "bank-staff", roles: ["institution_member"] },
  { group: "bank-checks", roles: ["auditor", "compliance_reviewer"] },
];

beforeAll(async () => {
  op = await startOpenIdProvider();
  platform = await startPlatform({ env: { ZIGGURAT_INSECURE_ISSUERS: op.issuer } });
  await platform.addInstitution("northbank");
  await platform.addInstitution("eastcap");
  admin = await platform.addPerson("northbank", "admin@northbank.example", "institution_admin");
  const made = await admin.post(paths.identityProviders("northbank"), {
    kind: "oidc",
    name: "North sign-on",
    issuer: op.issuer,
    clientId: op.client.id,
    clientSecret: op.client.secret,
    mapping: MAPPING,
  });
  expect([made.status, made.text]).toEqual([201, expect.anything()]);
  providerId = made.body.id;
  op.serve(made.body.ours.callbackUrl, made.body.ours.logoutUrl);
});
afterAll(async () => {
  await platform?.close();
  await op?.close();
});
beforeEach(() => {
  op.account = ADA;
});
afterEach(() => {
  op.tamper = null;
});

const start = (returnTo = "/models") => paths.signInStart("oidc", providerId, returnTo);
const enter = async (account: OpenIdProvider["account"] = ADA, returnTo?: string) => {
  op.account = account;
  const walker = new Walker(platform.url);
  return { walker, place: await walker.walk(start(returnTo)) };
};
const refusals = () =>
  asSystem<{ object: string; reason: string }>(
    platform,
    "select object, reason from audit_entries where action = 'session.refused' order by id desc limit 1",
  );

describe("signing in through an OpenID provider", () => {
  it("makes a member of somebody new, with the roles of their groups, and leads to where they wanted to go", async () => {
    const { walker, place } = await enter(ADA, "/models?tier=finance");
    expect(place).toBe("/models?tier=finance");
    const { body } = await walker.me();
    expect(body).toMatchObject({ email: ADA.email, name: "Ada", institution: { slug: "northbank" }, roles: ["institution_member"] });
    const entries = await asSystem<{ action: string; reason: string }>(
      platform,
      "select action, reason from audit_entries where object = $1 order by id",
      [body.id],
    );
    expect(entries.map(({ action }) => action)).toEqual(["member.add", "member.roles", "session.open"]);
    expect(entries[0]?.reason).toBe("first sign-in through North sign-on");
  });

  it("knows them again by subject, whatever their address has become", async () => {
    const before = (await (await enter()).walker.me()).body;
    const after = (await (await enter({ ...ADA, email: "ada.changed@northbank.example" })).walker.me()).body;
    expect([after.id, after.email]).toEqual([before.id, before.email]);
  });

  it("gives and takes roles as the groups change, writes that down, and lets in with none", async () => {
    const more = await enter({ ...ADA, groups: ["bank-staff", "bank-checks", "unknown"] });
    const { body } = await more.walker.me();
    expect([...body.roles].sort()).toEqual(["auditor", "compliance_reviewer", "institution_member"]);
    const none = await enter({ ...ADA, groups: ["unknown"] });
    expect(none.place).toBe("/models");
    expect((await none.walker.me()).body).toMatchObject({ roles: [], scopes: [] });
    // Sessions from before have the rights of now.
    expect((await more.walker.me()).body.scopes).toEqual([]);
    expect((await more.walker.ask(platform.url + paths.models())).status).toBe(403);
    const [entry] = await asSystem<{ reason: string }>(
      platform,
      "select reason from audit_entries where action = 'member.roles' and object = $1 order by id desc limit 1",
      [body.id],
    );
    expect(entry?.reason).toBe("groups at North sign-on");
  });

  it("asks for no second factor, which is the provider's business, and cannot be entered by password", async () => {
    await enter();
    const login = await send(platform.url, "POST", paths.login(), { email: ADA.email, password: "" });
    expect(login.status).toBe(400);
    for (const password of ["null", "undefined", "a long enough password"])
      expect((await send(platform.url, "POST", paths.login(), { email: ADA.email, password })).body.code).toBe("invalid_credentials");
  });

  it("takes no account over that has the same address, and makes no second one", async () => {
    await platform.addPerson("northbank", "local@northbank.example", "institution_member");
    const { walker, place } = await enter({ sub: "somebody", email: "Local@northbank.example", groups: ["bank-staff"] });
    expect(place).toBe("/login?refused=account_exists&institution=northbank&next=%2Fmodels");
    expect(walker.cookie("zig_session")).toBeUndefined();
    const rows = await asSystem(platform, "select 1 from users where email = 'local@northbank.example'");
    expect(rows).toHaveLength(1);
    expect((await refusals())[0]).toMatchObject({ object: providerId, reason: expect.stringContaining("account_exists") });
  });

  it("lets in whom the directory sent, as that very member, once, and keeps what groups of the directory give", async () => {
    const user = (userName: string, more: object = {}) =>
      admin.post("/scim/v2/Users", { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName, ...more });
    const sent = (await user("sent@northbank.example")).body.id;
    const group = await admin.post("/scim/v2/Groups", {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      displayName: "Checks",
      members: [{ value: sent }],
    });
    const role = (await admin.post(paths.roles("northbank"), { name: "Holds", scopes: ["holds:write"] })).body.id;
    await admin.put(paths.scimGroup("northbank", group.body.id), { roles: ["auditor"], customRoles: [role] });
    // What the person may have typed at the provider is not enough.
    const claimed = { sub: "thief", email: "sent@northbank.example", groups: ["bank-staff"] };
    expect((await enter(claimed)).place).toContain("refused=account_exists");
    const { walker, place } = await enter({ ...claimed, sub: "sent", emailVerified: true });
    const { body } = await walker.me();
    expect([place, body.id, [...body.roles].sort()]).toEqual(["/models", sent, ["auditor", "institution_member"]]);
    expect(body.scopes).toContain("holds:write");
    expect((await enter({ ...claimed, sub: "second", emailVerified: true })).place).toContain("refused=account_exists");

    // Not whom an administrator let do more, nor whose address the directory changed to that of somebody who was in before.
    const raised = (await user("raised@northbank.example", { externalId: "raised" })).body.id;
    await admin.patch(paths.member("northbank", raised), { roles: ["institution_admin"] });
    expect((await enter({ sub: "raised", email: "raised@northbank.example" })).place).toContain("refused=account_exists");
    const boss = await platform.addPerson("northbank", "boss@northbank.example", "institution_admin");
    await platform.signIn("boss@northbank.example");
    await admin.put(`/scim/v2/Users/${boss.viewer.userId}`, {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
      userName: "taken@northbank.example",
      externalId: "taken",
    });
    expect((await enter({ sub: "taken", email: "taken@northbank.example", emailVerified: true })).place).toContain(
      "refused=account_exists",
    );

    const known = (await user("known@northbank.example", { externalId: "the-directory-s-id" })).body.id;
    const byId = await enter({ sub: "the-directory-s-id", email: "known@northbank.example", groups: [] });
    expect((await byId.walker.me()).body.id).toBe(known);
  });

  it("makes nobody a member whose address the provider does not know, or doubts", async () => {
    expect((await enter({ sub: "nameless", groups: ["bank-staff"] })).place).toContain("refused=email_missing");
    const doubted = { sub: "doubted", email: "doubted@northbank.example", emailVerified: false };
    expect((await enter(doubted)).place).toContain("refused=email_missing");
  });

  it("lets nobody back in who was removed, not even as somebody new", async () => {
    const eve = { sub: "eve", email: "eve@northbank.example", groups: ["bank-staff"] };
    const { walker } = await enter(eve);
    const { body } = await walker.me();
    expect((await admin.delete(paths.member("northbank", body.id))).status).toBe(204);
    expect((await walker.me()).status).toBe(401);
    expect((await enter(eve)).place).toContain("refused=removed");
  });

  it("opens two sessions and one account for somebody new who comes in two browsers at once", async () => {
    op.account = { sub: "twice", email: "twice@northbank.example", groups: ["bank-staff"] };
    const walkers = [new Walker(platform.url), new Walker(platform.url)];
    const places = await Promise.all(walkers.map((walker) => walker.walk(start())));
    expect(places).toEqual(["/models", "/models"]);
    expect(await asSystem(platform, "select 1 from users where email = 'twice@northbank.example'")).toHaveLength(1);
  });

  it("says so when the person turns it down", async () => {
    expect((await enter(null)).place).toContain("refused=provider_refused");
  });
});

describe("coming back", () => {
  const atCallback = (url: string) => url.includes("/callback?");
  /** A walker who stands before the callback, and the address it would go to. */
  const almost = async () => {
    const walker = new Walker(platform.url);
    return { walker, callback: await walker.walk(start(), atCallback) };
  };

  it("works once: neither the address nor its code is taken again", async () => {
    const { walker, callback } = await almost();
    expect(await walker.walk(callback)).toBe("/models");
    expect(await walker.walk(callback)).toContain("refused=state");
    const other = await almost();
    const code = new URL(callback).searchParams.get("code") ?? "";
    const replayed = new URL(other.callback);
    replayed.searchParams.set("code", code);
    expect(await other.walker.walk(replayed.href)).toContain("refused=assertion");
  });

  it("works in the browser that it began in, and in no other", async () => {
    const { callback } = await almost();
    const victim = new Walker(platform.url);
    expect(await victim.walk(callback)).toContain("refused=state");
    await victim.walk(start(), atCallback);
    expect(await victim.walk(callback)).toContain("refused=state");
    expect(victim.cookie("zig_session")).toBeUndefined();
  });

  it("needs the state that was given out", async () => {
    for (const state of [null, "", "0".repeat(64)]) {
      const { walker, callback } = await almost();
      const changed = new URL(callback);
      if (state === null) changed.searchParams.delete("state");
      else changed.searchParams.set("state", state);
      expect(await walker.walk(changed.href)).toContain("refused=state");
    }
  });

  it("gives the browser a session secret of its own making, whatever cookie was there before", async () => {
    const { walker, callback } = await almost();
    const planted = "f".repeat(64);
    walker.setCookie("zig_session", planted);
    expect(await walker.walk(callback)).toBe("/models");
    expect(walker.cookie("zig_session")).toMatch(/^[0-9a-f]{64}$/);
    expect(walker.cookie("zig_session")).not.toBe(planted);
    expect((await send(platform.url, "GET", paths.me(), undefined, { cookie: `zig_session=${planted}` })).status).toBe(401);
  });

  it("binds by a cookie that scripts cannot read, and that lasts for minutes", async () => {
    const response = await new Walker(platform.url).ask(platform.url + start());
    const cookie = response.headers.getSetCookie().find((line) => line.startsWith("zig_sign_in=")) ?? "";
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(cookie).toMatch(/Max-Age=600/);
    const target = new URL(response.headers.get("location") ?? "");
    expect(Object.fromEntries(target.searchParams)).toMatchObject({ code_challenge_method: "S256", response_type: "code" });
    expect(target.searchParams.get("nonce")).toBeTruthy();
  });

  it.each([
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "/\t/evil.example",
    "models",
    "javascript:alert(1)",
    "/ok\n//x",
  ])("leads nowhere but into the console: %j is refused at the start", async (returnTo) => {
    const response = await new Walker(platform.url).ask(platform.url + start(returnTo));
    expect(response.status).toBe(400);
    expect(response.headers.get("location")).toBeNull();
  });
});

describe("an ID token", () => {
  const changed = async (tamper: NonNullable<OpenIdProvider["tamper"]>) => {
    op.tamper = tamper;
    const { walker, place } = await enter();
    expect(walker.cookie("zig_session")).toBeUndefined();
    return place;
  };
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");

  it("of another nonce, audience, issuer or time is refused, and so is an unsigned or forged one", async () => {
    const now = Math.floor(Date.now() / 1000);
    const { privateKey } = await generateKeyPair("RS256");
    const cases: Record<string, NonNullable<OpenIdProvider["tamper"]>> = {
      nonce: (_token, claims) => op.sign({ ...claims, nonce: "another" }),
      "no nonce": (_token, { nonce: _nonce, ...claims }: JWTPayload) => op.sign(claims),
      audience: (_token, claims) => op.sign({ ...claims, aud: "somebody else" }),
      issuer: (_token, claims) => op.sign({ ...claims, iss: "https://evil.example" }),
      expired: (_token, claims) => op.sign({ ...claims, iat: now - 7200, exp: now - 3600 }),
      "alg none": (_token, claims) => `${encoded({ alg: "none", kid: "first" })}.${encoded(claims)}.`,
      "another key": (_token, claims) => new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "first" }).sign(privateKey),
      "the client's secret as key": (_token, claims) =>
        new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(op.client.secret)),
      "another subject": (token, claims) => {
        const [header, , signature] = token.split(".");
        return `${header}.${encoded({ ...claims, sub: "somebody-else" })}.${signature}`;
      },
    };
    const places: Record<string, string> = {};
    for (const [name, tamper] of Object.entries(cases)) places[name] = await changed(tamper);
    const refused = "/login?refused=assertion&institution=northbank&next=%2Fmodels";
    expect(places).toEqual(Object.fromEntries(Object.keys(cases).map((name) => [name, refused])));
  });

  it("is what the tests change indeed: signed again with the same claims it is taken", async () => {
    op.tamper = (_token, claims) => op.sign(claims);
    expect((await enter()).place).toBe("/models");
  });
});

describe("a provider that is not there", () => {
  it("answers as one that is disabled", async () => {
    const walker = new Walker(platform.url);
    const absent = await walker.walk(paths.signInStart("oidc", `idp_${"1".repeat(32)}`));
    await admin.patch(paths.identityProvider("northbank", providerId), { isEnabled: false });
    expect(await walker.walk(start())).toBe(absent);
    expect(absent).toBe("/login?refused=provider_unknown");
    expect((await admin.patch(paths.identityProvider("northbank", providerId), { isEnabled: true })).status).toBe(200);
  });

  it("ends the sessions that it opened when it is disabled", async () => {
    const { walker } = await enter();
    expect((await walker.me()).status).toBe(200);
    await admin.patch(paths.identityProvider("northbank", providerId), { isEnabled: false });
    expect((await walker.me()).status).toBe(401);
    await admin.patch(paths.identityProvider("northbank", providerId), { isEnabled: true });
  });
});
