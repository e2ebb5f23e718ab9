import { expect, inject, it } from "vitest";
import { openAs, useBrowser } from "../support/browser.js";

useBrowser();

it("lets an administrator read the log, filter it in the address and verify every chain", async () => {
  const page = await openAs("admin", "/audit");
  await page.getByText("version sealed").first().waitFor();
  await page.getByRole("button", { name: "Verify now" }).click();
  await page.getByText("chain holds").first().waitFor();
  expect(await page.getByText("chain is broken").count()).toBe(0);
  await page.goto(`${inject("url")}/audit?action=job.approve`);
  await page.getByText("job approved").first().waitFor();
  expect(await page.getByText("version sealed").count()).toBe(0);
});
