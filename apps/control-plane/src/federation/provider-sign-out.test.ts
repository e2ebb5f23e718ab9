import { paths } from "@ziggurat/contracts";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asSystem, type Client, startPlatform, type TestPlatform } from "../../test/harness.js";
import { type OpenIdProvider, startOpenIdProvider } from "../../test/open-id-provider.js";
import { Walker } from "../../test/walker.js";

let op: OpenIdProvider;
let platform: TestPlatform;
let admin: Client;
let providerId: string;
let ours: { readonly callbackUrl: string; readonly logoutUrl: string; readonly signedOutUrl: string };
const ADA = { sub: "ada", email: "ada@northbank.example", name: "Ada", groups: [] };
beforeAll(async () => {
  op = await startOpenIdProvider();
  const env = { ZIGGURAT_INSECURE_ISSUERS: op.issuer, ZIGGURAT_SECRET_KEY: "the operator's key of this year, long" };
  platform = await startPlatform({ env });
  await platform.addInstitution("northbank");
  await platform.addInstitution("eastcap");
  admin = await platform.addPerson("northbank", "admin@northbank.example", "institution_admin");
  const made = await admin.post(paths.identityProviders("northbank"), {
    kind: "oidc",
    name: "North sign-on",
    issuer: op.issuer,
    clientId: op.client.id,
    clientSecret: op.client.secret,
  });
  ({ id: providerId, ours } = made.body);
  op.serve(ours.callbackUrl, ours.logoutUrl, ours.signedOutUrl);
});
afterAll(async () => {
  await platform?.close();
  await op?.close();
});

const start = () => paths.signInStart("oidc", providerId, "/models");
async function entered(): Promise<Walker> {
  op.account = ADA;
  const walker = new Walker(platform.url);
  expect(await walker.walk(start())).toBe("/models");
  return walker;
}
/** Signs out here. @returns the status, and the offer to go on */
async function out(walker: Walker) {
  const { csrfToken } = (await walker.me()).body;
  const response = await walker.ask(platform.url + paths.logout(), { method: "POST", headers: { "x-csrf-token": csrfToken } });
  const text = await response.text();
  return { status: response.status, provider: text === "" ? null : JSON.parse(text).provider };
}
const atProvider = (url: string) => url.startsWith(`${op.issuer}/session/end`);
/** Says yes on the provider's page, as a person does. @returns where that leads */
async function confirm(walker: Walker, page: string): Promise<string> {
  const html = await (await walker.ask(page)).text();
  const xsrf = /name="xsrf" value="([^"]*)"/.exec(html)?.[1] ?? "";
  const answer = await walker.ask(`${op.issuer}/session/end/confirm`, {
    method: "POST",
    body: new URLSearchParams({ xsrf, logout: "yes" }),
  });
  await answer.arrayBuffer();
  return answer.headers.get("location") ?? String(answer.status);
}

describe("signing out here", () => {
  it("offers to go on at the provider that opened the session, which ends its own and sends the browser back", async () => {
    const walker = await entered();
    const { status, provider } = await out(walker);
    expect([status, provider]).toEqual([
      200,
      { name: "North sign-on", signOutPath: expect.stringContaining(`/auth/oidc/${providerId}/sign-out?`) },
    ]);
    expect((await walker.me()).status).toBe(401);
    const page = await walker.walk(provider.signOutPath, atProvider);
    const { id_token_hint = "", state, ...asked } = Object.fromEntries(new URL(page).searchParams);
    expect(decodeJwt(id_token_hint)).toMatchObject({ iss: op.issuer, sub: "ada", aud: op.client.id });
    expect([state?.length, asked]).toEqual([64, { client_id: op.client.id, post_logout_redirect_uri: ours.signedOutUrl }]);
    const back = await confirm(walker, page);
    expect(new URL(back).searchParams.get("state")).toBe(state);
    expect(await walker.walk(back)).toBe("/login?signedOut=there&institution=northbank");
    // Whoever sits down now is asked who they are.
    op.account = null;
    expect(await walker.walk(start())).toContain("refused=provider_refused");
  });

  it("ends nothing at the provider unasked", async () => {
    const walker = await entered();
    expect((await out(walker)).status).toBe(200);
    op.account = null;
    expect(await walker.walk(start())).toBe("/models");
  });

  it("lets the way there be gone once, by the browser that it was offered to", async () => {
    const walker = await entered();
    const { provider } = await out(walker);
    expect(await new Walker(platform.url).walk(provider.signOutPath)).toBe("/login");
    expect(await walker.walk(provider.signOutPath, atProvider)).toContain(op.issuer);
    expect(await walker.walk(provider.signOutPath)).toBe("/login");
    const forged = new Walker(platform.url);
    for (const state of ["", "0".repeat(64)])
      expect(await forged.walk(`${paths.providerSignedOut(providerId)}?state=${state}`)).toBe("/login");
    // A way out is no way in, and the other way round.
    const other = await entered();
    const ticket = new URL((await out(other)).provider.signOutPath, platform.url).searchParams.get("ticket");
    expect(await other.walk(`${paths.signInCallback("oidc", providerId)}?state=${ticket}&code=x`)).toContain("refused=assertion");
    const begun = new Walker(platform.url);
    const { searchParams } = new URL(await begun.walk(start(), (url) => url.includes("/auth?")));
    expect(await begun.walk(paths.providerSignOut(providerId, searchParams.get("state") ?? ""))).toBe("/login");
  });

  it("keeps what the provider is shown closed, and forgets it with the session", async () => {
    const walker = await entered();
    const kept = () =>
      asSystem<{ id_token: string }>(platform, "select id_token from sessions where id_token is not null order by created_at desc");
    expect((await kept())[0]?.id_token).toMatch(/^sealed2:/);
    const before = (await kept()).length;
    await out(walker);
    expect(await kept()).toHaveLength(before - 1);
  });

  it("offers it as well where another institution was opened beside it", async () => {
    const walker = await entered();
    await platform.addPerson("eastcap", "ada@eastcap.example", "auditor");
    const { csrfToken } = (await walker.me()).body;
    const joined = await walker.ask(platform.url + paths.joinSession(), {
      method: "POST",
      headers: { "x-csrf-token": csrfToken, "content-type": "application/json" },
      body: JSON.stringify({ email: "ada@eastcap.example", password: "a long enough password" }),
    });
    expect([joined.status, (await walker.me()).body.email]).toEqual([200, "ada@eastcap.example"]);
    expect((await out(walker)).provider.name).toBe("North sign-on");
  });

  it("offers nothing to who came by password, or through a provider that lets nobody sign out, or that is disabled", async () => {
    const { cookie, csrfToken } = await platform.signIn("admin@northbank.example");
    const byPassword = await fetch(platform.url + paths.logout(), { method: "POST", headers: { cookie, "x-csrf-token": csrfToken } });
    expect([byPassword.status, await byPassword.text()]).toEqual([204, ""]);
    const at = paths.identityProvider("northbank", providerId);
    op.serve(ours.callbackUrl, ours.logoutUrl, null);
    await admin.patch(at, { name: "North sign-on" });
    expect((await admin.post(paths.identityProviderCheck("northbank", providerId))).body).toEqual({
      isUsable: true,
      findings: [{ code: "no_sign_out", detail: expect.any(String) }],
    });
    expect((await out(await entered())).status).toBe(204);
    op.serve(ours.callbackUrl, ours.logoutUrl, ours.signedOutUrl);
    await admin.patch(at, { name: "North sign-on" });
    const offered = await entered();
    const { provider } = await out(offered);
    await admin.patch(at, { isEnabled: false });
    expect(await offered.walk(provider.signOutPath)).toBe("/login");
  });
});
