import { ensureMember } from "@ziggurat/client";
import { Secret, TOTP } from "otpauth";
import { expect, it } from "vitest";
import { newPage, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";
import { people } from "../support/people.js";
import { versionPage } from "../support/routes.js";
import { signIn } from "../support/seed.js";

useBrowser();

it("refuses a wrong password in words and says nothing about who exists", async () => {
  const page = await newPage({ expectStatus: [401] });
  await page.goto(`${inject("url")}/login`);
  const texts: string[] = [];
  for (const email of [people.engineer.email, "nobody@platform.example"]) {
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("Password", { exact: true }).fill("not-the-password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Email or password is wrong", { exact: true }).waitFor();
    texts.push((await page.locator("form").first().innerText()).replace(/req_\w+/g, "req"));
    await page.reload();
  }
  expect(texts[0]).toBe(texts[1]);
});

it("brings a person back to the address that asked for sign-in, and out again", async () => {
  const page = await newPage({ expectStatus: [401] });
  const place = versionPage(inject("seed").finance);
  await page.goto(inject("url") + place);
  await page.getByLabel("Email").fill(people.engineer.email);
  await page.getByLabel("Password", { exact: true }).fill(people.engineer.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`**${place}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.getByRole("button", { name: /Account of/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  expect(await page.context().cookies()).toEqual([]);
});

it("asks for the code of an authenticator once a person has turned that on, and lets in by a recovery code as well", async () => {
  const who = { email: "two-factors@northbank.example", password: "several words of no fame" };
  await ensureMember(await signIn(inject("url"), "admin"), "northbank", who, "Tova Factors", ["institution_member"]);
  const page = await newPage({ expectStatus: [401] });
  const enter = async () => {
    await page.goto(`${inject("url")}/login`);
    await page.getByLabel("Email").fill(who.email);
    await page.getByLabel("Password", { exact: true }).fill(who.password);
    await page.getByRole("button", { name: "Sign in" }).click();
  };
  const leave = async () => {
    await page.getByRole("button", { name: /Account of/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
  };
  await enter();
  await page.getByRole("button", { name: /Account of/ }).waitFor();
  await page.goto(`${inject("url")}/settings`);
  await page.getByRole("button", { name: "Turn on the second factor" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Current password", { exact: true }).fill(who.password);
  await dialog.getByRole("button", { name: "Next" }).click();
  await dialog.getByRole("img", { name: "QR code of the secret" }).waitFor();
  const secret = Secret.fromBase32(await dialog.locator(".zg-secret").innerText());
  // The code of the step before: each step's code is taken once, and the next sign-in needs one as well.
  await dialog.getByRole("textbox", { name: "Code" }).fill(new TOTP({ secret }).generate({ timestamp: Date.now() - 15_000 }));
  await dialog.getByRole("button", { name: "Turn on" }).click();
  await dialog.getByRole("button", { name: "Done" }).waitFor();
  const codes = await dialog.getByRole("list", { name: "recovery codes" }).getByRole("listitem").allInnerTexts();
  expect(codes).toHaveLength(10);
  await dialog.getByRole("button", { name: "Done" }).click();
  await page.getByText("10 recovery codes left").waitFor();
  await leave();

  await enter();
  await page.getByLabel(/^Code of your authenticator/).fill("000000");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("The code is wrong, or was used already").waitFor();
  await page.getByLabel(/^Code of your authenticator/).fill(codes[0] ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: /Account of/ }).waitFor();
  await page.goto(`${inject("url")}/settings`);
  await page.getByText("9 recovery codes left").waitFor();
});
