import { ensureModel } from "@ziggurat/client";
import { expect, it } from "vitest";
import { openAs, settle, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";
import { signIn } from "../support/seed.js";

useBrowser();

it("finds a model from anywhere by the keyboard alone, by a word of its card, by Chinese without spaces, and by a field", async () => {
  const bank = await signIn(inject("url"), "northbankAdmin");
  await ensureModel(bank, {
    namespace: "northbank",
    slug: "smart-service",
    tier: "institution",
    name: "智能客服模型",
    scenario: "customer_service",
    tags: ["pilot"],
    card: { purpose: "Answers questions about instalments." },
  });
  const page = await openAs("northbankMember", "/jobs");
  await settle(page);
  const search = page.getByRole("combobox", { name: "Search everything" });
  for (const words of ["instalments", "客服", "tag:pilot"]) {
    await page.keyboard.press("Escape");
    await page.locator("body").press("/");
    await expect.poll(() => search.evaluate((box) => box === document.activeElement)).toBe(true);
    await search.fill(words);
    const option = page.getByRole("option", { name: /smart-service/ });
    await option.waitFor();
    if (words === "客服") expect(await option.locator("mark").innerText()).toBe("客服");
    await search.fill("");
    await search.blur();
  }
  await page.locator("body").press("/");
  await search.fill("smart-service");
  // What is marked was found for these very words; what came for others is never opened.
  await page.locator("mark", { hasText: "smart-service" }).first().waitFor();
  await search.press("Enter");
  await expect.poll(() => new URL(page.url()).pathname).toBe("/models/northbank/smart-service");
});

it("shows nothing of another institution, not even in a count, and says what is wrong with a term", async () => {
  const page = await openAs("eastcapMember", "/search?q=routing", { expectStatus: [400] });
  const answer = page.waitForResponse((response) => new URL(response.url()).pathname === "/api/v1/search");
  await page.reload();
  expect(await (await answer).text()).not.toContain("northbank");
  await settle(page);
  await page.getByText(/^Nothing that you may see/).waitFor();
  await page.goto(`${inject("url")}/search?q=${encodeURIComponent("tier:galaxy")}`);
  await page
    .getByText(/galaxy/)
    .first()
    .waitFor();
});
