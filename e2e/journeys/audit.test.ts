import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { paths } from "@ziggurat/contracts";
import { expect, it } from "vitest";
import { openAs, settle, useBrowser } from "../support/browser.js";
import { asIntruder } from "../support/database.js";
import { inject } from "../support/here.js";

const verifier = fileURLToPath(new URL("../../tooling/cli/verify-audit.mjs", import.meta.url));

useBrowser();

it("lets an administrator read the log, filter it in the address and verify every chain", async () => {
  const page = await openAs("admin", "/audit?action=version.seal");
  const said = (text: string) => page.getByRole("cell", { name: text, exact: true });
  await said("version sealed").first().waitFor();
  await page.getByRole("button", { name: "Verify now" }).click();
  await page.getByText("chain holds").first().waitFor();
  expect(await page.getByText("chain is broken").count()).toBe(0);
  await page.goto(`${inject("url")}/audit?action=job.approve`);
  await said("job approved").first().waitFor();
  expect(await said("version sealed").count()).toBe(0);
});

it("keeps its filters in the address, and gives each entry an address of its own, whatever the filters there", async () => {
  const page = await openAs("admin", "/audit");
  const rows = page.getByRole("table", { name: "Audit" }).getByRole("row");
  await page.getByLabel("Action").selectOption({ label: "version released" });
  await page.getByLabel("Object").fill(inject("seed").task);
  await page.waitForURL(/action=version\.release&object=|object=.*action=version\.release/);
  await page.reload();
  await rows.getByRole("cell", { name: "version released" }).waitFor();
  expect(await rows.count()).toBe(2);

  await rows.getByRole("link", { name: /^#\d+$/ }).click();
  const entry = page.getByRole("heading", { name: /^Entry #\d+ of northbank$/ });
  await entry.waitFor();
  const [title, address] = [await entry.innerText(), new URL(page.url())];
  address.searchParams.set("action", "job.approve");
  const other = await openAs("admin", address.pathname + address.search);
  await other.getByRole("heading", { name: title }).waitFor();
});

it("shows a broken chain with the first entry that does not hold, and the others as holding", async () => {
  const alter = (from: string, into: string) =>
    asIntruder<{ readonly sequence: string }>(
      inject("dataDir"),
      `update audit_entries set reason = $2 from audit_chain c
        where c.entry_id = id and reason = $1 and object = $3 and action = 'version.release' returning c.sequence`,
      [from, into, inject("seed").task],
    );
  const [altered] = await alter("better than its base", "better than anything");
  try {
    const page = await openAs("admin", "/audit");
    await page.getByRole("button", { name: "Verify now" }).click();
    const verdicts = page.getByRole("table", { name: "Verdict by chain" });
    await verdicts
      .getByRole("row", { name: /^northbank/ })
      .getByText(`entry #${altered?.sequence} was altered`)
      .waitFor();
    await verdicts
      .getByRole("row", { name: /^platform/ })
      .getByText("chain holds")
      .waitFor();
    await page.getByText(/^The log was changed/).waitFor();
  } finally {
    await alter("better than anything", "better than its base");
  }
});

it("asks for the rows as soon as the page's code is there", async () => {
  const page = await openAs("admin", "/settings");
  await settle(page);
  await page.getByRole("link", { name: "Audit", exact: true }).click();
  await page.getByRole("table", { name: "Audit" }).getByRole("row").nth(1).waitFor();
  const waited = await page.evaluate(() => {
    const loads = performance.getEntriesByType("resource").filter((entry) => entry instanceof PerformanceResourceTiming);
    const code = loads.find(({ name }) => name.includes("/assets/audit-page"));
    const rows = loads.find(({ name }) => name.includes("/api/v1/audit?"));
    return (rows?.startTime ?? Number.POSITIVE_INFINITY) - (code?.responseEnd ?? 0);
  });
  // A router that holds its skeleton for half a second waits longer than this on any machine.
  expect(waited).toBeLessThan(300);
});

it("gives the filtered log to take along, which verifies without the platform", async () => {
  const page = await openAs("admin", "/audit?action=job.approve");
  const folder = mkdtempSync(join(tmpdir(), "ziggurat-e2e-audit-"));
  try {
    const [file, key] = [join(folder, "audit.jsonl"), join(folder, "key.pem")];
    await page.getByRole("button", { name: "Export signed" }).click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem").first().click()]);
    await download.saveAs(file);
    writeFileSync(key, await (await fetch(inject("url") + paths.auditKey())).text());
    const { stdout } = await promisify(execFile)(process.execPath, [verifier, file, "--key", key]);
    expect(stdout).toMatch(/northbank: [1-9]\d* entries hold/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
