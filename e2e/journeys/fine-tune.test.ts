import { Job, Model, pageOf } from "@ziggurat/contracts";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { openAs, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";
import { finished, signIn } from "../support/seed.js";

useBrowser();

const step = (page: Page, name: string) => page.getByRole("navigation", { name: "Steps" }).getByRole("button", { name: new RegExp(name) });

async function fill(page: Page): Promise<void> {
  const { finance, intents, heldIntents } = inject("seed");
  await page.getByLabel("Model", { exact: true }).selectOption("northbank/routing");
  await step(page, "Base").click();
  await page.getByLabel("Or name an exact version").fill(finance);
  await step(page, "Data").click();
  await page.getByRole("group", { name: "Data to learn from" }).locator(`input[value="${intents}"]`).check();
  await page.getByRole("group", { name: "Held-out data" }).locator(`input[value="${heldIntents}"]`).check();
  await step(page, "Method").click();
  await page.getByLabel("LoRA").check();
  await page.getByLabel("Learning rate").fill("0.01");
  await page.getByLabel("Epochs").fill("12");
}

it("keeps what was entered over Back, reload and a change of language", async () => {
  const page = await openAs("northbankMember", "/jobs/new");
  await fill(page);
  await page.getByRole("button", { name: "Back" }).click();
  await page.reload();
  await page.getByRole("button", { name: "中文" }).click();
  await page.getByRole("button", { name: "English" }).click();
  await step(page, "Method").click();
  expect(await page.getByLabel("Learning rate").inputValue()).toBe("0.01");
  expect(await page.getByLabel("Epochs").inputValue()).toBe("12");
  await step(page, "Review").click();
  await page.getByTestId("request-body").getByText("northbank/routing").waitFor();
});

it("shows every violation of a refused plan at its field", async () => {
  const page = await openAs("northbankMember", "/jobs/new");
  const { foundation, intents } = inject("seed");
  await page.getByLabel("Model", { exact: true }).selectOption("northbank/routing");
  await step(page, "Base").click();
  await page.getByLabel("Or name an exact version").fill(foundation);
  await step(page, "Data").click();
  await page.getByRole("group", { name: "Data to learn from" }).locator(`input[value="${intents}"]`).check();
  await step(page, "Method").click();
  await page.getByLabel("Learning rate").fill("5");
  await page.getByLabel("Learning rate").and(page.locator("[aria-invalid=true]")).waitFor();
  await step(page, "Base")
    .getByText(/problem/)
    .waitFor();
  await step(page, "Base").click();
  await page.locator(".mantine-InputWrapper-error, [class*=error]").first().waitFor();
});

it("sends the very body that Review shows, once for a double click, and shows the job live to its end", async () => {
  const page = await openAs("northbankMember", "/jobs/new");
  await fill(page);
  await step(page, "Review").click();
  const shown: unknown = JSON.parse(await page.getByTestId("request-body").innerText());
  const before = await jobsOf(page);
  const sent = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/api/v1/jobs"));
  await page.getByRole("button", { name: "Request job" }).dblclick();
  expect((await sent).postDataJSON()).toEqual(shown);
  await page.waitForURL(/\/jobs\/job_/);
  expect((await jobsOf(page)) - before).toBe(1);

  const id = /job_[0-9a-f]{32}/.exec(page.url())?.[0] ?? "";
  await page.getByText("awaiting approval").first().waitFor();
  expect(await page.getByRole("button", { name: "Approve" }).count()).toBe(0);

  const approver = await openAs("northbankAdmin", `/jobs/${id}`);
  await approver.getByRole("button", { name: "Approve" }).click();
  await approver.getByRole("dialog").getByRole("button", { name: "Approve" }).click();

  // The requester's page follows without a reload: state, log lines and points.
  await page
    .getByRole("log")
    .getByText(/loss|step/i)
    .first()
    .waitFor({ timeout: 60_000 });
  const api = await signIn(inject("url"), "northbankMember");
  await finished(api, id);
  await page.getByText("succeeded").first().waitFor({ timeout: 5_000 });
  await page
    .getByRole("link", { name: /northbank\/routing/ })
    .first()
    .waitFor();
});

async function jobsOf(page: Page): Promise<number> {
  const answer = await page.request.get(`${inject("url")}/api/v1/jobs?include=total&limit=1`);
  return pageOf(Job).parse(await answer.json()).total ?? Number.NaN;
}

it("offers an institution only what it may see", async () => {
  const page = await openAs("eastcapMember", "/models");
  await page.getByText("finance/ledger").first().waitFor();
  const models = pageOf(Model).parse(await (await page.request.get(`${inject("url")}/api/v1/models`)).json());
  expect(models.data.some((model) => model.namespace === "northbank")).toBe(false);
  expect(await page.getByText("northbank").count()).toBe(0);
});
