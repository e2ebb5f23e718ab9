import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { follow, openAs, settle, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";
import { allRoutes } from "../support/routes.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

useBrowser();

const looks = [
  { locale: "en-GB", colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { locale: "zh-CN", colorScheme: "dark", viewport: { width: 390, height: 844 } },
] as const;

describe.each(["engineer", "northbankMember", "northbankAdmin", "admin"] as const)("axe finds nothing on any page of %s", (person) => {
  it.each(looks)("in $locale, $colorScheme, $viewport.width wide, and nothing is wider than the window", async (look) => {
    const page = await openAs(person, "/settings", look);
    await settle(page);
    const found: Record<string, readonly string[]> = {};
    for (const { name, path } of allRoutes(inject("seed")).filter((route) => route.person === person)) {
      await follow(page, path);
      found[name] = [...(await violations(page)), ...(await overflow(page))];
    }
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])));
  });
});

/** Runs inside the page's own world but outside its content-security policy, as a developer's tool does. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations: broken } = await page.evaluate<AxeResults>(
    `axe.run(document, { runOnly: ${JSON.stringify(RULES)}, resultTypes: ["violations"] })`,
  );
  return broken.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}

async function overflow(page: Page): Promise<string[]> {
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return beyond > 0 ? [`${beyond} px wider than the window`] : [];
}
