import { expect, inject, it } from "vitest";
import { newPage, useBrowser } from "../support/browser.js";
import { people } from "../support/people.js";
import { versionPage } from "../support/routes.js";

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
    texts.push((await page.locator("form").innerText()).replace(/req_\w+/g, "req"));
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
