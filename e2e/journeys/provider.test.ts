import { type Api, ensureInstitution, ensureMember } from "@ziggurat/client";
import { type CreatedToken, DeviceCodes, IdentityProvider, pageOf, paths } from "@ziggurat/contracts";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newPage, useBrowser } from "../support/browser.js";
import { type OpenIdProvider, startOpenIdProvider } from "../support/open-id-provider.js";
import { people } from "../support/people.js";
import { makeDataDir, type Platform, removeDataDir, startPlatform } from "../support/platform.js";
import { signIn } from "../support/seed.js";

const ACCOUNTS = [
  { sub: "ada", email: "ada@northbank.example", name: "Ada", groups: ["staff"] },
  { sub: "mei", email: "mei@northbank.example", name: "Mei", groups: ["staff"] },
  { sub: "noor", email: "noor@northbank.example", name: "Noor", groups: ["visitors"] },
];
const dataDir = makeDataDir();
let op: OpenIdProvider;
let platform: Platform;
let admin: Api;

useBrowser();
beforeAll(async () => {
  op = await startOpenIdProvider(ACCOUNTS);
  platform = await startPlatform(dataDir, 0, { ZIGGURAT_INSECURE_ISSUERS: op.issuer });
  const operator = await signIn(platform.url, "admin");
  await ensureInstitution(operator, "northbank", "North Bank");
  await ensureMember(operator, "northbank", people.northbankAdmin, "Nora Admin", ["institution_admin"]);
  admin = await signIn(platform.url, "northbankAdmin");
});
afterAll(async () => {
  await platform?.stop();
  await op?.close();
  removeDataDir(dataDir);
});

const visit = (expectStatus: readonly number[] = [401, 409]) => newPage({ expectStatus, origins: [platform.url, op.issuer] });

async function byPassword(page: Page, { email, password }: { readonly email: string; readonly password: string }): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** From the sign-in page to the provider's own, and back as somebody. */
async function throughProvider(page: Page, login: string): Promise<void> {
  await page.getByRole("textbox", { name: "Institution" }).fill("northbank");
  await page.getByRole("button", { name: "Show what it offers" }).click();
  await page.getByRole("link", { name: "Sign in through North sign-on" }).click();
  await page.waitForURL(`${op.issuer}/**`);
  await page.locator("[name=login]").fill(login);
  await page.locator("[name=password]").fill("whatever the provider asks");
  await page.getByRole("button", { name: /sign-in/i }).click();
}

describe("a provider of the institution's own", () => {
  it("is set up by its administrator, who copies from the page what the provider has to know and gives groups their roles", async () => {
    const page = await visit();
    await page.goto(`${platform.url}/institutions/northbank`);
    await byPassword(page, people.northbankAdmin);
    await page.getByRole("tab", { name: "Sign-in and directory" }).click();
    await page.getByRole("button", { name: "Add a provider" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("North sign-on");
    await dialog.getByLabel("Issuer").fill(op.issuer);
    await dialog.getByLabel("Client id").fill(op.client.id);
    await dialog.getByLabel("Client secret").fill(op.client.secret);
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText("The provider has to know these addresses").waitFor();
    const [callbackUrl = "", logoutUrl = "", signedOutUrl = ""] = await dialog.locator("code").allInnerTexts();
    op.serve(callbackUrl, logoutUrl, signedOutUrl);
    await dialog.getByRole("button", { name: "Done" }).click();
    await page.getByRole("button", { name: "Groups and roles of North sign-on" }).click();
    await dialog.getByLabel("Group").fill("staff");
    await dialog.getByLabel("institution member").check();
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Test North sign-on" }).click();
    await dialog.getByText("It answers and can be used").waitFor();
  });

  it("lets in whom it vouches for, back to where they wanted to go; every open tab is cut off when it says that they have left", async () => {
    const page = await visit();
    await page.goto(`${platform.url}/models?tier=finance`);
    await throughProvider(page, "ada");
    await page.waitForURL(`${platform.url}/models?tier=finance`);
    await page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
    const other = await page.context().newPage();
    await other.goto(`${platform.url}/settings`);
    await other.getByText("ada@northbank.example").waitFor();
    await other.getByText("institution member").waitFor();

    const now = Math.floor(Date.now() / 1000);
    const { data } = await admin.get(pageOf(IdentityProvider), paths.identityProviders("northbank"));
    const logoutToken = await op.sign({
      iss: op.issuer,
      aud: op.client.id,
      sub: "ada",
      iat: now,
      exp: now + 120,
      jti: "ada has left",
      events: { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    const told = await fetch(data[0]?.ours.logoutUrl ?? "", { method: "POST", body: new URLSearchParams({ logout_token: logoutToken }) });
    expect(told.status).toBe(200);
    const at = Date.now();
    // Nobody touches the tabs: they find out by themselves.
    await Promise.all([page, other].map((tab) => tab.waitForURL(`${platform.url}/login?**`, { timeout: 20_000 })));
    expect(Date.now() - at).toBeLessThan(15_000);
  });

  it("lets somebody in whose groups mean nothing here, tells them so, and shows nothing else", async () => {
    const page = await visit([401, 403]);
    await page.goto(`${platform.url}/models`);
    await throughProvider(page, "noor");
    await page.getByRole("heading", { name: "You are signed in, and may do nothing yet" }).waitFor();
    expect(await page.getByRole("navigation").count()).toBe(0);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
  });

  it("offers who signs out here to sign out at the provider as well, which asks the next one who they are", async () => {
    const page = await visit();
    await page.goto(`${platform.url}/models`);
    await throughProvider(page, "ada");
    await page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
    await page.getByRole("button", { name: "Account of Ada" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "Sign out at North sign-on as well" }).click();
    await page.waitForURL(`${op.issuer}/**`);
    await page.getByRole("button", { name: /yes/i }).click();
    await page.waitForURL(`${platform.url}/login?**`);
    await page.getByText("You are signed out, here and at your provider.").waitFor();
    await page.getByRole("link", { name: "Sign in through North sign-on" }).click();
    await page.locator("[name=login]").waitFor();
  });

  it("cuts a member off whom the administrator removes, in all tabs, and lets them in no more", async () => {
    const page = await visit();
    await page.goto(`${platform.url}/models`);
    await throughProvider(page, "ada");
    await page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
    const other = await page.context().newPage();
    await other.goto(`${platform.url}/jobs`);
    await other.getByRole("heading", { level: 1 }).waitFor();
    const { id } = await page.evaluate(async () => (await fetch("/api/v1/me")).json());
    await admin.send({ method: "DELETE", path: paths.member("northbank", id) });
    await Promise.all([page, other].map((tab) => tab.waitForURL(`${platform.url}/login?**`, { timeout: 20_000 })));
    await page.getByRole("link", { name: "Sign in through North sign-on" }).click();
    await page.getByRole("alert").getByText("You are no member here any more").waitFor();
  });
});

it("opens a second institution beside the first through its own provider: one goes over and back, other tabs are told, and signing out ends both", async () => {
  const operator = await signIn(platform.url, "admin");
  await ensureInstitution(operator, "eastcap", "East Cap");
  await ensureMember(operator, "eastcap", people.eastcapAdmin, "Edith Admin", ["institution_admin"]);
  const made = await (await signIn(platform.url, "eastcapAdmin")).post(IdentityProvider, paths.identityProviders("eastcap"), {
    kind: "oidc",
    name: "East sign-on",
    issuer: op.issuer,
    clientId: op.client.id,
    clientSecret: op.client.secret,
    mapping: [{ group: "staff", roles: ["institution_member"] }],
  });
  op.serve(made.ours.callbackUrl, made.ours.logoutUrl ?? "", made.ours.signedOutUrl ?? "");
  const page = await visit();
  await page.goto(`${platform.url}/models`);
  await throughProvider(page, "mei");
  await page.getByRole("heading", { level: 1, name: "Models" }).waitFor();
  const other = await page.context().newPage();
  await other.goto(`${platform.url}/jobs`);
  await other.getByRole("heading", { level: 1 }).waitFor();

  const at = (name: string) => page.getByRole("button", { name: `Institution: ${name}` });
  await at("North Bank").click();
  await page.getByRole("menuitem", { name: "Sign in to another institution" }).click();
  await page.getByRole("dialog").getByLabel("Institution").fill("eastcap");
  // The provider knows them, and asks for nothing.
  await page.getByRole("dialog").getByRole("button", { name: "Sign in through East sign-on" }).click();
  await at("East Cap").waitFor();
  expect(new URL(page.url()).pathname).toBe("/");
  await other.getByRole("dialog", { name: "Changed in another tab" }).waitFor();
  expect(await page.evaluate(async () => (await (await fetch("/api/v1/me")).json()).institution.slug)).toBe("eastcap");

  await at("East Cap").click();
  await page.getByRole("menuitem", { name: "Go over to North Bank (mei@northbank.example)" }).click();
  await at("North Bank").waitFor();
  await page.goto(`${platform.url}/settings`);
  const held = page.getByRole("region", { name: "Where you are signed in" });
  await held.getByRole("row").filter({ hasText: "East Cap" }).getByText("held open in this browser").waitFor();

  await at("North Bank").click();
  await page.getByRole("menuitem", { name: "Sign in to another institution" }).click();
  await page.getByRole("dialog").getByLabel("Institution").fill("eastcap");
  await page.getByRole("dialog").getByRole("button", { name: "Sign in through East sign-on" }).click();
  await page.getByRole("dialog").getByText("eastcap is open here already").waitFor();
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: /Account of/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  const left = await page.evaluate(async () => (await fetch("/api/v1/me")).status);
  expect(left).toBe(401);
});

it("a command line is let in by its owner at the page that it names, and has a token that works", async () => {
  const ask = async (path: string, body: object) => {
    const response = await fetch(platform.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  const codes = DeviceCodes.parse(
    (await ask(paths.deviceAuthorizations(), { name: "zig on laptop", scopes: ["models:read", "admin"] })).body,
  );
  const page = await visit();
  await page.goto(codes.verificationUriComplete);
  await byPassword(page, people.northbankAdmin);
  await page.getByRole("button", { name: "Look it up" }).click();
  await page.getByRole("heading", { name: "zig on laptop asks to be let in" }).waitFor();
  await page.getByText("Nora Admin · North Bank").waitFor();
  await page.getByRole("button", { name: "Let it in" }).click();
  await page.getByText("The command line was let in").waitFor();
  const made: { status: number; body: CreatedToken } = await ask(paths.deviceToken(), { deviceCode: codes.deviceCode });
  expect([made.status, made.body.scopes]).toEqual([201, ["models:read"]]);
  const models = await fetch(platform.url + paths.models(), { headers: { authorization: `Bearer ${made.body.secret}` } });
  expect(models.status).toBe(200);
});
