import { ensureMember } from "@ziggurat/client";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { newPage, openAs, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";
import { people } from "../support/people.js";
import { signIn } from "../support/seed.js";

useBrowser();

const who = { email: "pia-keys@northbank.example", password: "several words of no fame" };
/** Browsers make passkeys for a host name, never for an IP address. */
const localhost = () => inject("url").replace("127.0.0.1", "localhost");

/** A device with a fingerprint reader, as Chromium plays one. */
async function withDevice(page: Page): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

const account = (page: Page) => page.getByRole("button", { name: /Account of/ });
async function enter(page: Page, person: { readonly email: string; readonly password: string } = who): Promise<void> {
  await page.goto(`${localhost()}/login`);
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}
async function leave(page: Page): Promise<void> {
  await account(page).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
}

it("lets a person in by a passkey alone, and after the password, until it is removed", async () => {
  await ensureMember(await signIn(inject("url"), "admin"), "northbank", who, "Pia Keys", ["institution_member"]);
  const page = await newPage({ expectStatus: [401, 422], origins: [localhost()] });
  await withDevice(page);
  await enter(page);
  await account(page).waitFor();
  await page.goto(`${localhost()}/settings`);
  const panel = page.getByRole("region", { name: "Passkeys" });
  await panel.getByText("You have no passkey yet.").waitFor();
  await panel.getByRole("button", { name: "Add a passkey" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("Desk");
  await dialog.getByLabel("Current password", { exact: true }).fill("not the password");
  await dialog.getByRole("button", { name: "Continue" }).click();
  await dialog.getByText("The current password is wrong").first().waitFor();
  await dialog.getByLabel("Current password", { exact: true }).fill(who.password);
  await dialog.getByRole("button", { name: "Continue" }).click();
  await dialog.getByRole("button", { name: "Done" }).waitFor();
  expect(await dialog.getByRole("list", { name: "recovery codes" }).getByRole("listitem").count()).toBe(10);
  await dialog.getByRole("button", { name: "Done" }).click();
  await panel.getByRole("cell", { name: "Desk", exact: true }).waitFor();
  await leave(page);

  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await account(page).waitFor();
  await page.goto(`${localhost()}/settings`);
  expect(await panel.getByText("never").count()).toBe(0);
  await leave(page);

  await enter(page);
  await page.getByText("The password is right. One more step.").waitFor();
  await page.getByRole("button", { name: "Use a passkey instead" }).click();
  await account(page).waitFor();
  await leave(page);

  // And beside another institution that is open: both are held from then on.
  await enter(page, people.eastcapMember);
  await page.getByRole("button", { name: /^Institution:/ }).click();
  await page.getByRole("menuitem", { name: "Sign in to another institution" }).click();
  await dialog.getByRole("button", { name: "Sign in with a passkey" }).click();
  await dialog.waitFor({ state: "detached" });
  await account(page).filter({ hasText: "Pia Keys" }).waitFor();
  await page.getByRole("button", { name: /^Institution:/ }).click();
  await page.getByRole("menuitem", { name: /^Go over to .*\(member@eastcap\.example\)$/ }).waitFor();
  await page.keyboard.press("Escape");

  await page.goto(`${localhost()}/settings`);
  await panel.getByRole("button", { name: "Remove passkey Desk" }).click();
  await dialog.getByLabel("Current password", { exact: true }).fill(who.password);
  await dialog.getByRole("button", { name: "Remove", exact: true }).click();
  await panel.getByText("You have no passkey yet.").waitFor();
  await leave(page);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.getByText("The passkey is not known here").waitFor();
  await enter(page);
  await account(page).waitFor();
});

it("says on a page opened by an IP address where passkeys can be made", async () => {
  const page = await openAs("northbankMember", "/settings");
  const panel = page.getByRole("region", { name: "Passkeys" });
  await panel.getByRole("note").waitFor();
  expect(await panel.getByRole("link").getAttribute("href")).toBe(`${localhost()}/settings`);
  expect(await panel.getByRole("button", { name: "Add a passkey" }).count()).toBe(0);
});
