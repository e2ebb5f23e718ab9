import { Job, Logs, paths } from "@ziggurat/contracts";
import { expect, it } from "vitest";
import { openAs, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";
import { finished, signIn, TINY } from "../support/seed.js";

useBrowser();

it("shows log lines and points within two seconds of the event; reload shows the same, none twice, none missing", async () => {
  const { generalText } = inject("seed");
  const api = await signIn(inject("url"), "engineer");
  const job = await api.post(Job, paths.jobs(), {
    kind: "pretrain",
    model: "foundation/atlas",
    method: "pretrain",
    datasets: [generalText],
    hyperparameters: { ...TINY, epochs: 30, logEverySteps: 5 },
  });
  const page = await openAs("engineer", `/jobs/${job.id}`);
  await page.getByText("running", { exact: true }).first().waitFor({ timeout: 60_000 });
  await page.getByRole("log").locator(".zg-log-line").first().waitFor();

  const { total } = await api.get(Logs, paths.jobLogs(job.id), { limit: "1" });
  const lines = page.getByText(/^[\d,]+ lines?$/);
  await expect.poll(async () => Number((await lines.innerText()).replace(/\D/g, "")), { timeout: 2_000 }).toBeGreaterThanOrEqual(total);

  await finished(api, job.id);
  const stored = await api.get(Logs, paths.jobLogs(job.id), { limit: "5000" });
  for (let look = 0; look < 2; look++) {
    await expect.poll(async () => Number((await lines.innerText()).replace(/\D/g, "")), { timeout: 5_000 }).toBe(stored.total);
    const shown = await page.locator(".zg-log-number").allInnerTexts();
    expect(new Set(shown).size).toBe(shown.length);
    expect(Math.max(...shown.map((text) => Number(text.replace(/\D/g, ""))))).toBe(stored.total);
    await page.reload();
    await page.getByRole("log").locator(".zg-log-line").first().waitFor();
  }
});

it("cancels a running job after the name was typed, and nothing is sealed", async () => {
  const { generalText } = inject("seed");
  const api = await signIn(inject("url"), "engineer");
  const job = await api.post(Job, paths.jobs(), {
    kind: "pretrain",
    model: "foundation/atlas",
    method: "pretrain",
    datasets: [generalText],
    hyperparameters: { ...TINY, epochs: 100 },
  });
  const page = await openAs("engineer", `/jobs/${job.id}`);
  await page.getByText("running", { exact: true }).first().waitFor({ timeout: 60_000 });
  await page.getByRole("button", { name: "Cancel job" }).click();
  const dialog = page.getByRole("dialog");
  const confirm = dialog.getByRole("button", { name: "Cancel job" });
  expect(await confirm.isDisabled()).toBe(true);
  const name = /Type (\S+) to confirm/.exec(await dialog.innerText())?.[1] ?? "";
  await dialog.getByRole("textbox").first().fill(name);
  await confirm.click();
  await page.getByText("cancelled", { exact: true }).first().waitFor({ timeout: 30_000 });
  const { version, state } = await api.get(Job, paths.job(job.id));
  expect({ version, state }).toEqual({ version: null, state: "cancelled" });
});

it("shows the platform's people how an institution's job went, and asks for nothing of what it said", async () => {
  const page = await openAs("admin", `/jobs/${inject("seed").taskJob}`);
  await page.getByText("Curves and log belong to northbank").waitFor();
  await page.getByText("succeeded", { exact: true }).first().waitFor();
  await page.waitForLoadState("networkidle");
  expect(await page.getByText("Not found").count()).toBe(0);
});
