import { it } from "vitest";
import { openAs, settle, useBrowser } from "../support/browser.js";
useBrowser();
it("shots", async () => {
  for (const locale of ["en-GB", "zh-CN"]) {
    const page = await openAs("northbankAdmin", "/institutions/northbank/exit", { locale });
    await settle(page);
    await page.screenshot({ path: `/tmp/shot-${locale}-1.png`, fullPage: true });
    await page.getByRole("button", { name: locale === "en-GB" ? "Begin the exit…" : "开始退出…" }).click();
    await page.waitForTimeout(800);
    await page.screenshot({ path: `/tmp/shot-${locale}-2.png` });
    await page.getByRole("dialog").getByRole("textbox").first().fill("the contract ends");
    await page.getByRole("dialog").getByRole("textbox").last().fill("northbank");
    await page.keyboard.press("Enter");
    await page.waitForTimeout(800);
    const make = page.getByRole("button", { name: locale === "en-GB" ? "Make an export" : "生成导出" });
    await make.click();
    await page.waitForTimeout(6500);
    await page.screenshot({ path: `/tmp/shot-${locale}-3.png`, fullPage: true });
    const ours = await openAs("admin", "/institutions/northbank/exit", { locale });
    await settle(ours);
    await ours.getByRole("button", { name: locale === "en-GB" ? "Approve the erasure…" : "批准清除…" }).click();
    await ours.waitForTimeout(500);
    await ours.screenshot({ path: `/tmp/shot-${locale}-4.png` });
    await ours.keyboard.press("Escape");
    await ours.getByRole("button", { name: locale === "en-GB" ? "Call it off…" : "撤销退出…" }).click();
    await ours.getByRole("dialog").getByRole("textbox").fill("test");
    await ours.getByRole("dialog").getByRole("button").filter({ hasText: locale === "en-GB" ? "Call it off" : "撤销退出" }).click();
    await ours.waitForTimeout(600);
  }
});
