import { paths } from "@ziggurat/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, send, startPlatform, type TestPlatform } from "../../test/harness.js";
import { type OpenIdProvider, startOpenIdProvider } from "../../test/open-id-provider.js";
import { Walker } from "../../test/walker.js";

let op: OpenIdProvider;
let platform: TestPlatform;
let admin: Client;
let member: Client;
let stranger: Client;
const SECRET_KEY = "a secret key of at least thirty-two letters";
beforeAll(async () => {
  op = await startOpenIdProvider();
  platform = await startPlatform({ env: { ZIGGURAT_INSECURE_ISSUERS: op.issuer, ZIGGURAT_SECRET_KEY: SECRET_KEY } });
  await platform.addInstitution("northbank");
  await platform.addInstitution("eastcap");
  admin = await platform.addPerson("northbank", "admin@northbank.example", "institution_admin");
  member = await platform.addPerson("northbank", "member@northbank.example", "institution_member");
  stranger = await platform.addPerson("eastcap", "admin@eastcap.example", "institution_admin");
});
afterAll(async () => {
  await platform?.close();
  await op?.close();
});

const request = (more: object = {}) => ({
  kind: "oidc",
  name: "North sign-on",
  issuer: op.issuer,
  clientId: op.client.id,
  clientSecret: op.client.secret,
  ...more,
});
const add = (more: object = {}, by = admin, slug = "northbank") => by.post(paths.identityProviders(slug), request(more));

describe("a sign-in provider", () => {
  it("is set up by the institution's own administrators, and by nobody else", async () => {
    expect((await add()).status).toBe(201);
    const denied = await add({}, member);
    expect([denied.status, denied.body.code]).toEqual([403, "insufficient_scope"]);
    const neighbour = await add({}, stranger);
    const absent = await add({}, stranger, "no-such-bank");
    expect([neighbour.status, neighbour.body.detail]).toEqual([404, absent.body.detail]);
    const operator = await add({}, platform.admin);
    expect([operator.status, operator.body.code]).toEqual([403, "denied"]);
    expect((await platform.admin.get(paths.identityProviders("northbank"))).status).toBe(403);
    expect((await add({}, platform.admin, "platform")).status).toBe(201);
  });

  it("never shows its secret again, and keeps it closed", async () => {
    const made = await add();
    const { body } = await admin.get(paths.identityProviders("northbank"));
    expect(made.text + JSON.stringify(body)).not.toContain(op.client.secret);
    const rows = await asSystem<{ client_secret: string }>(platform, "select client_secret from identity_providers");
    expect(rows.every(({ client_secret }) => client_secret.startsWith("sealed2:"))).toBe(true);
  });

  it("is refused with every reason at once: address, roles that do not fit the place, unknown fields", async () => {
    const mapping = [
      { group: "ops", roles: ["platform_admin"] },
      { group: "staff", roles: ["institution_member", "platform_engineer"] },
    ];
    const { status, body } = await add({ issuer: "http://inside.example", mapping });
    expect(status).toBe(422);
    expect(body.errors.map(({ code, pointer }: { code: string; pointer: string }) => [code, pointer])).toEqual([
      ["address_insecure", "/issuer"],
      ["role_place", "/mapping/0/roles/0"],
      ["role_place", "/mapping/1/roles/1"],
    ]);
    expect((await add({ institution: "eastcap" })).body.errors).toMatchObject([{ pointer: "/institution" }]);
    const twice = [
      { group: "a", roles: ["auditor"] },
      { group: "a", roles: ["institution_member"] },
    ];
    expect((await add({ mapping: twice })).status).toBe(400);
    const saml = { kind: "saml", name: "S", issuer: "urn:idp", signInUrl: "https://idp.example/sso", certificate: "no certificate" };
    expect((await admin.post(paths.identityProviders("northbank"), saml)).body.errors).toMatchObject([{ code: "certificate" }]);
  });

  it("changes in what is sent and keeps the rest; what another kind has is refused; it is all written down", async () => {
    const { body } = await add({ groupsClaim: "teams" });
    const at = paths.identityProvider("northbank", body.id);
    const changed = await admin.patch(at, { mapping: [{ group: "x", roles: ["auditor"] }] });
    expect(changed.body).toMatchObject({ groupsClaim: "teams", clientId: op.client.id, mapping: [{ group: "x", roles: ["auditor"] }] });
    expect((await admin.patch(at, { signInUrl: "https://x.example" })).body.errors).toMatchObject([{ code: "provider_kind" }]);
    expect((await admin.patch(at, { mapping: [{ group: "x", roles: ["platform_admin"] }] })).body.errors).toMatchObject([
      { code: "role_place" },
    ]);
    const hidden = await stranger.patch(paths.identityProvider("eastcap", body.id), { name: "mine" });
    const absent = await stranger.patch(paths.identityProvider("eastcap", `idp_${"2".repeat(32)}`), { name: "mine" });
    expect([hidden.status, hidden.body.detail]).toEqual([404, absent.body.detail]);
    await admin.patch(at, { clientSecret: "a new one" });
    const rows = await asSystem<{ action: string; reason: string }>(
      platform,
      "select action, reason from audit_entries where object = $1 order by id",
      [body.id],
    );
    expect(rows).toEqual([
      { action: "identity_provider.add", reason: "" },
      { action: "identity_provider.update", reason: "" },
      { action: "identity_provider.update", reason: "with a new client secret" },
    ]);
  });

  it("is asked what it can do, and says why it cannot be used", async () => {
    const { body } = await add();
    op.serve(body.ours.callbackUrl, body.ours.logoutUrl);
    const good = await admin.post(`${paths.identityProviderCheck("northbank", body.id)}`);
    expect(good.body).toEqual({ isUsable: true, findings: [] });
    await admin.patch(paths.identityProvider("northbank", body.id), { issuer: `${op.issuer}/elsewhere` });
    const bad = await admin.post(paths.identityProviderCheck("northbank", body.id));
    expect(bad.body).toMatchObject({ isUsable: false, findings: [{ code: "provider_unreachable" }] });
  });

  it("is never a way to ask what lies inside: private addresses, other ports of the machine, its metadata service", async () => {
    for (const issuer of [
      "https://127.0.0.1:9443",
      "https://localhost:9443",
      "https://[::1]:9443",
      "https://[::ffff:10.0.0.1]",
      "https://10.1.2.3",
      "https://169.254.169.254",
      "https://2130706433",
    ]) {
      const { body } = await add({ issuer });
      const check = await admin.post(paths.identityProviderCheck("northbank", body.id));
      expect([issuer, check.body.isUsable, check.body.findings[0].detail]).toEqual([issuer, false, expect.stringMatching(/not asked/)]);
    }
  });
});

describe("the ways to sign in", () => {
  it("are told before anybody signs in, of those that are enabled; an institution that is not there has none", async () => {
    const { body } = await add({ name: "Only here" }, stranger, "eastcap");
    await add({ name: "Not yet", isEnabled: false }, stranger, "eastcap");
    const found = await send(platform.url, "GET", paths.signInProviders("eastcap"));
    expect(found.body).toEqual({ providers: [{ id: body.id, kind: "oidc", name: "Only here" }] });
    const absent = await send(platform.url, "GET", paths.signInProviders("no-such-bank"));
    await platform.addInstitution("southbank");
    const without = await send(platform.url, "GET", paths.signInProviders("southbank"));
    expect([absent.status, absent.text]).toEqual([200, without.text]);
    expect(absent.body).toEqual({ providers: [] });
  });
});

describe("the operator's variables", () => {
  it("name a provider of the platform's own people, whose groups its administrators map; without them it is disabled", async () => {
    const env = {
      ZIGGURAT_INSECURE_ISSUERS: op.issuer,
      OIDC_ISSUER: op.issuer,
      OIDC_CLIENT_ID: op.client.id,
      OIDC_CLIENT_SECRET: op.client.secret,
      OIDC_NAME: "Head office",
    };
    const own = await startPlatform({ env });
    try {
      const { body } = await send(own.url, "GET", paths.signInProviders());
      expect(body.providers).toMatchObject([{ name: "Head office" }]);
      const { data } = (await own.admin.get(paths.identityProviders("platform"))).body;
      const [provider] = data;
      op.serve(provider.ours.callbackUrl, provider.ours.logoutUrl);
      const at = paths.identityProvider("platform", provider.id);
      expect((await own.admin.patch(at, { issuer: "https://evil.example" })).body.errors).toMatchObject([{ code: "configured" }]);
      expect((await own.admin.patch(at, { mapping: [{ group: "ops", roles: ["platform_engineer"], tiers: ["finance"] }] })).status).toBe(
        200,
      );
      op.account = { sub: "op", email: "op@platform.example", groups: ["ops"] };
      const walker = new Walker(own.url);
      expect(await walker.walk(paths.signInStart("oidc", provider.id))).toBe("/");
      expect((await walker.me()).body).toMatchObject({ roles: ["platform_engineer"], institution: { slug: "platform" } });
      const without = await startPlatform({ database: own.database });
      try {
        expect((await send(without.url, "GET", paths.signInProviders())).body).toEqual({ providers: [] });
        expect((await walker.me()).status).toBe(401);
      } finally {
        await without.close();
      }
    } finally {
      await own.close();
    }
  });
});
