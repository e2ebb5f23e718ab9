import { type Api, ensureModel } from "@ziggurat/client";
import { MonthStatement, paths, Quota, QuotaProposal } from "@ziggurat/contracts";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { openAs, settle, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";
import { signIn } from "../support/seed.js";

useBrowser();

const PAGE = "/institutions/eastcap";
const quotaOf = (api: Api) => api.get(Quota, paths.quota("eastcap"));

/** The bars as a person reads them, in their order. */
async function barsOf(page: Page, list = "Quota and budget"): Promise<{ name: string; text: string; percent: number | null }[]> {
  const items = await page.getByRole("list", { name: list, exact: true }).first().locator(":scope > li").all();
  return Promise.all(
    items.map(async (item) => {
      const meter = item.getByRole("progressbar");
      const percent = (await meter.count()) === 0 ? null : Number(await meter.getAttribute("value"));
      const [name = "", text = ""] = (await item.locator(".zg-spread").first().innerText()).split("\n");
      return { name, text, percent };
    }),
  );
}

it("shows bars equal to the API, the effect of a change before it is saved, and by how much it is over and who can raise it", async () => {
  const bank = await signIn(inject("url"), "eastcapAdmin");
  await ensureModel(bank, { namespace: "eastcap", slug: "quota-desk", tier: "institution", name: "Quota desk", scenario: "risk" });

  const page = await openAs("eastcapAdmin", PAGE);
  await settle(page);
  await page.getByText("Nothing is limited.").waitFor();
  await page.getByRole("button", { name: "Propose a change…" }).click();
  const proposing = page.getByRole("dialog");
  await proposing.getByLabel("Jobs waiting", { exact: true }).fill("0");
  await proposing.getByLabel("Budget this month", { exact: true }).fill("50000");
  await proposing.getByLabel(/^Reason/).fill("no jobs for a while");
  // The effect stands there, and nothing is saved yet.
  await proposing.getByText("New requests would be refused: Jobs waiting: 0 of 0 left").waitFor();
  const shown = await barsOf(page, "As it would be");
  expect(shown.find(({ name }) => name === "Budget this month")?.text).toMatch(/ of ¥50,000\.00$/);
  expect((await quotaOf(bank)).limits).toBeNull();
  await proposing.getByRole("button", { name: "Propose", exact: true }).click();
  await proposing.waitFor({ state: "hidden" });
  const mine = page.getByRole("table", { name: "Proposed changes" });
  await mine.getByText("to be decided").waitFor();
  expect(await mine.getByRole("button", { name: "Approve…" }).count()).toBe(0);
  expect((await quotaOf(bank)).limits).toBeNull();

  const other = await openAs("admin", PAGE);
  await other.getByRole("button", { name: "Approve…" }).click();
  const deciding = other.getByRole("dialog");
  await deciding.getByText("Jobs waiting: unlimited → 0, warns at 80 %").waitFor();
  await deciding.getByText(/New requests would be refused/).waitFor();
  await deciding.getByLabel(/^Reason/).fill("agreed");
  await deciding.getByRole("button", { name: "Approve", exact: true }).click();
  await deciding.waitFor({ state: "hidden" });

  await page.reload();
  await settle(page);
  await page.getByText("Jobs waiting: at the limit, 0 over").waitFor();
  await page.getByText("A higher limit is proposed by institution admin or platform admin and decided by platform admin.").waitFor();
  const quota = await quotaOf(bank);
  const bars = await barsOf(page);
  expect(bars.map(({ percent }) => percent)).toEqual(quota.uses.map(({ percent }) => percent));
  expect(bars.map(({ text }) => text.endsWith("unlimited"))).toEqual(quota.uses.map(({ limit }) => limit === null));
  expect(bars[3]).toMatchObject({ name: "Jobs waiting", text: "0 of 0" });

  const asking = await openAs("eastcapMember", "/jobs/new");
  await asking.getByLabel("Model", { exact: true }).selectOption("eastcap/quota-desk");
  const steps = asking.getByRole("navigation", { name: "Steps" });
  await steps.getByRole("button", { name: /Base/ }).click();
  await asking.getByLabel("Or name an exact version").fill(inject("seed").finance);
  await steps.getByRole("button", { name: /Method/ }).click();
  await asking.getByLabel("LoRA").check();
  await asking.getByText(/1 of 0 left \(limit 0\) – 1 over; the institution's administrator proposes a higher limit/).waitFor();
  await asking.getByText(/^¥[\d.,]+ of ¥50,000\.00 left \(limit ¥50,000\.00\)/).waitFor();
  await steps.getByRole("button", { name: /Plan/ }).click();
  await asking
    .getByRole("alert")
    .getByText(/jobs queued: 1 wanted, 0 of 0 left, 1 over; proposed by institution_admin/)
    .waitFor();

  // Whoever comes next finds it as it was.
  const limits = { gpus: null, gpuHours: null, money: null, jobsQueued: null, storageBytes: null, mayBorrow: false };
  const { id } = await bank.post(QuotaProposal, paths.quotaProposals("eastcap"), { limits, revision: quota.revision, reason: "over" });
  const admin = await signIn(inject("url"), "admin");
  await admin.post(QuotaProposal, paths.quotaDecision("eastcap", id, "approve"), { reason: "over" });
});

it("shows a bank what the month has come to so far, equal to the API and in both languages", async () => {
  const bank = await signIn(inject("url"), "northbankAdmin");
  const page = await openAs("northbankAdmin", "/institutions/northbank");
  await page.getByRole("tab", { name: "Statements" }).click();
  await settle(page);
  const month = new Date().toISOString().slice(0, 7);
  const { statement } = await bank.get(MonthStatement, paths.statement(month));
  const lines = page.getByRole("table", { name: "Lines of the statement" });
  await lines.waitFor();
  expect(await lines.locator("tbody tr").count()).toBe(statement?.lines.length);
  expect(statement?.lines.length).toBeGreaterThan(0);
  await page.getByText("The month is still open").waitFor();
  expect(await page.getByRole("button", { name: "Close the month…" }).count()).toBe(0);
  await page.getByRole("button", { name: "中文" }).click();
  await page.getByText("本月尚未结账").waitFor();
});
