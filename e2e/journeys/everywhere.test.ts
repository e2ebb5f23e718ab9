import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { follow, openAs, settle, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";
import type { Person } from "../support/people.js";
import { allRoutes, type Route } from "../support/routes.js";

useBrowser();

const PEOPLE = ["engineer", "northbankMember", "northbankAdmin", "admin"] as const;
const routesOf = (person: Person): Route[] => allRoutes(inject("seed")).filter((route) => route.person === person);

it("has a route for each of these people", () => {
  for (const person of PEOPLE) expect(routesOf(person).length).toBeGreaterThan(1);
  expect(allRoutes(inject("seed")).every(({ person }) => PEOPLE.some((known) => known === person))).toBe(true);
});

describe.each(PEOPLE)("every page of %s", (person) => {
  it("speaks Chinese only when asked to, and says so", async () => {
    const page = await openAs(person, "/settings", { locale: "zh-CN" });
    await settle(page);
    const found: Record<string, readonly string[]> = {};
    for (const { name, path } of routesOf(person)) {
      await follow(page, path);
      await page.locator('html[lang^="zh"]').waitFor({ state: "attached" });
      found[name] = await englishSentences(page);
    }
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])));
  });

  it("speaks English only, takes its theme from the system, keeps to the origin and complains of nothing", async () => {
    const page = await openAs(person, "/settings", { colorScheme: "dark" });
    const found: Record<string, readonly string[]> = {};
    for (const { name, path } of routesOf(person)) {
      await page.goto(inject("url") + path);
      await page.locator('html[lang^="en"]').waitFor({ state: "attached" });
      await settle(page);
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      found[name] = [...(await chineseTexts(page)), ...(ground === "rgb(20, 24, 31)" ? [] : [ground])];
    }
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])));
  });
});

/** Interface texts with two English words in a row; names, references, figures and what people wrote stand in bdi, code or pre. */
async function englishSentences(page: Page): Promise<string[]> {
  const texts = await interfaceTexts(page);
  return texts.filter((text) => /[A-Za-z]{3,} [A-Za-z]{3,}/.test(text.replace(/\S*[@/:_.]\S*/g, "")) && !/[\u4e00-\u9fff]/.test(text));
}

async function chineseTexts(page: Page): Promise<string[]> {
  return (await interfaceTexts(page)).filter((text) => /[\u4e00-\u9fff]/.test(text) && text !== "中文");
}

function interfaceTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const texts: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (
        parent === null ||
        parent.closest('bdi, code, pre, script, style, [dir="auto"], .zg-log, option, [aria-hidden="true"], [lang]:not(html), canvas') !==
          null
      )
        continue;
      const text = node.textContent?.trim() ?? "";
      if (text !== "") texts.push(text);
    }
    for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
      if (element.closest('bdi, [dir="auto"], [lang]:not(html), [aria-hidden="true"]') !== null || element.querySelector("bdi") !== null)
        continue;
      for (const name of ["aria-label", "placeholder"]) {
        const text = element.getAttribute(name);
        if (text !== null) texts.push(text);
      }
    }
    return texts;
  });
}

it("switches the theme without a flash and remembers it", async () => {
  const page = await openAs("engineer", "/models", { colorScheme: "light" });
  await settle(page);
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(await ground()).toBe("rgb(255, 255, 255)");
  const button = page.getByRole("button", { name: /^Theme:/ });
  await button.click();
  await button.click();
  await expect.poll(ground).toBe("rgb(20, 24, 31)");
  // Before the application's own script has run, the stored theme must already stand.
  await page.route("**/assets/*.js", (request) => request.abort());
  await page.reload({ waitUntil: "domcontentloaded" });
  expect(await page.locator("html").getAttribute("data-mantine-color-scheme")).toBe("dark");
});

it("gives the tier colours their contrast in both themes", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await openAs("engineer", "/pyramid", { colorScheme });
    await settle(page);
    const colours = await page.evaluate(() => {
      const style = getComputedStyle(document.documentElement);
      return ["foundation", "finance", "institution"].map((tier) => style.getPropertyValue(`--zg-${tier}`).trim());
    });
    const ground = colorScheme === "light" ? "#ffffff" : "#14181f";
    for (const colour of colours) expect(contrast(colour, ground)).toBeGreaterThanOrEqual(4.5);
  }
});

/** Contrast ratio of WCAG 2.2 between two colours given as #rrggbb. */
function contrast(a: string, b: string): number {
  const [lighter = 0, darker = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [r = 0, g = 0, b = 0] = channels.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
