import { MonthStatement, Price, pageOf, paths } from "@ziggurat/contracts";
import { expect, it } from "vitest";
import { openAs, settle, useBrowser } from "../support/browser.js";
import { asIntruder } from "../support/database.js";
import { inject } from "../support/here.js";
import { signIn } from "../support/seed.js";

useBrowser();

it("sets a price that begins with the next month, which a bank reads in its own language and cannot change", async () => {
  const page = await openAs("admin", "/prices");
  await page.getByRole("button", { name: "Set a price…" }).click();
  const setting = page.getByRole("dialog");
  await setting.getByText("nothing: use is free").waitFor();
  await setting.getByRole("textbox", { name: "Price" }).fill("0.25");
  await setting.getByText("¥0.25 a GiB and month").waitFor();
  await setting.getByLabel(/^Reason/).fill("the new list");
  await setting.getByRole("button", { name: "Set the price" }).click();
  await setting.waitFor({ state: "hidden" });
  await page.getByRole("table", { name: "Prices" }).getByText("the new list").waitFor();
  const admin = await signIn(inject("url"), "admin");
  const { data } = await admin.get(pageOf(Price), paths.prices());
  const now = new Date();
  const next = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)).toISOString();
  expect(data[0]).toMatchObject({ subject: "storage", amount: 25, validFrom: next, state: "coming", reason: "the new list" });

  const bank = await openAs("northbankMember", "/institutions/northbank?tab=statements", { locale: "zh-CN" });
  await bank.getByRole("link", { name: "价格" }).click();
  await bank.getByText("每 GiB 每月 ¥0.25").waitFor();
  expect(await bank.getByRole("button", { name: "设定价格…" }).count()).toBe(0);
});

it("takes back a part of what a job was charged, as it was shown before, and the bank reads why", async () => {
  const job = inject("seed").taskJob;
  const priced = "update charges set cost = 24000 where attempt_id = (select min(attempt_id) from charges where job_id = $1) returning id";
  expect(await asIntruder(inject("dataDir"), priced, [job])).toHaveLength(1);
  const bank = await signIn(inject("url"), "northbankAdmin");
  const month = new Date().toISOString().slice(0, 7);
  const statement = async () => (await bank.get(MonthStatement, paths.statement(month))).statement;
  const before = (await statement())?.total ?? 0;

  const page = await openAs("admin", "/institutions/northbank?tab=statements");
  await page.getByRole("button", { name: `Correct the charge for job #${job.slice(-8)}` }).click();
  const correcting = page.getByRole("dialog");
  await correcting.getByText(`It falls into ${month}, which is open.`).waitFor();
  await correcting.getByLabel("Amount to take back").fill("1.50");
  await correcting.getByText("¥240.00 → ¥238.50").first().waitFor();
  await correcting.getByLabel(/^Reason/).fill("a node of ours was slow");
  expect((await statement())?.total).toBe(before);
  await correcting.getByRole("button", { name: "Take back" }).click();
  await correcting.waitFor({ state: "hidden" });
  await page.getByRole("table", { name: "Lines of the statement" }).getByText("a node of ours was slow").waitFor();
  expect((await statement())?.total).toBe(before - 150);

  const read = await openAs("northbankMember", "/statements");
  await settle(read);
  await read.getByText("a node of ours was slow").waitFor();
  expect(await read.getByRole("button", { name: /^Correct/ }).count()).toBe(0);
});
