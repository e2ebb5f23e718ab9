import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { paths } from "@ziggurat/contracts";
import { expect, inject, it } from "vitest";
import { openAs, useBrowser } from "../support/browser.js";

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
