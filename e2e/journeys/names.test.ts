import { ensureModel } from "@ziggurat/client";
import { describe, expect, it } from "vitest";
import { openAs, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";
import { signIn } from "../support/seed.js";

useBrowser();

const names = {
  markup: `<img src=x onerror="document.title='taken over'"><b>bold</b>`,
  "right-to-left": "\u202Ereversed\u202C and straight",
  long: "x".repeat(200),
  emoji: "🏦🧱🐉 Zażółć",
};

describe.each(Object.entries(names))("a name with %s", (slug, name) => {
  it("is shown as text and does not break the layout", async () => {
    const api = await signIn(inject("url"), "engineer");
    await ensureModel(api, { namespace: "foundation", slug: `name-${slug}`, tier: "foundation", name });
    for (const path of [`/models/foundation/name-${slug}`, "/models"]) {
      const page = await openAs("engineer", path);
      await page.getByText(name).first().waitFor();
      expect(await page.title()).not.toBe("taken over");
      expect(await page.locator("main img, main b").count()).toBe(0);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)).toBe(true);
    }
  });
});
