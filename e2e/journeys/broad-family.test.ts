import { Lineage, paths } from "@ziggurat/contracts";
import type { Locator, Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { BROAD, broadFamily } from "../support/broad-family.js";
import { openAs, settle, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";
import { lineagePage } from "../support/routes.js";

useBrowser();

let broad: string;
beforeAll(async () => {
  broad = await broadFamily(inject("url"), inject("seed"));
});

describe("the map", () => {
  it("draws one line to each institution's block, labelled with its count, for more than 40 descendants", async () => {
    const page = await openAs("engineer", "/settings");
    await page.addInitScript(recordTexts);
    await page.goto(`${inject("url")}/pyramid?sel=${encodeURIComponent(broad)}`);
    const lines = page.getByRole("list", { name: `Lines of ${broad}` }).getByRole("listitem");
    await lines.first().waitFor({ state: "attached" });
    const blocks = Object.values(BROAD).map(({ name, models }) => ({ name, count: 2 * models }));
    expect(await lines.allTextContents()).toEqual([
      `from ${inject("seed").foundation} to ${broad}`,
      ...blocks.map(({ name, count }) => `${name}: ${count} versions`),
    ]);
    const { counts } = Lineage.parse(await (await page.request.get(inject("url") + paths.lineage(broad))).json());
    expect(blocks.reduce((sum, { count }) => sum + count, 0)).toBe(counts.descendants);
    expect(await textsDrawn(page)).toEqual(expect.arrayContaining(blocks.map(({ count }) => String(count))));
  });

  it("draws a line to each descendant where there are fewer", async () => {
    const { finance, task } = inject("seed");
    const page = await openAs("engineer", `/pyramid?sel=${encodeURIComponent(finance)}`);
    const lines = page.getByRole("list", { name: `Lines of ${finance}` }).getByRole("listitem");
    await lines.first().waitFor({ state: "attached" });
    const texts = await lines.allTextContents();
    expect(texts).toContain(`from ${finance} to ${task}`);
    const { counts } = Lineage.parse(await (await page.request.get(inject("url") + paths.lineage(finance))).json());
    expect(texts).toHaveLength(counts.ancestors + counts.descendants);
  });
});

/** Notes what canvases are told to write. */
function recordTexts(): void {
  const texts: string[] = [];
  Object.assign(window, { texts });
  const write = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (this: CanvasRenderingContext2D, ...of: Parameters<typeof write>) {
    texts.push(of[0]);
    write.apply(this, of);
  };
}
const textsDrawn = (page: Page) => page.evaluate<readonly string[]>("texts");

describe("the explorer", () => {
  it("keeps the card at its pixel while its group opens and closes, by pointer and by keyboard", async () => {
    const page = await openAs("engineer", lineagePage(broad));
    const card = page.getByRole("button", { name: `northbank ${BROAD.northbank.models} models` });
    await card.waitFor();
    await settle(page);
    await card.click();
    await page.getByRole("button", { name: "Open on the picture" }).waitFor();
    const before = await placeOf(card);
    const members = page.getByRole("button", { name: /northbank\/broad-/ });

    await page.getByRole("button", { name: "Open on the picture" }).click();
    await expect.poll(() => members.count()).toBe(BROAD.northbank.models);
    expect(await moved(card, before)).toBeLessThanOrEqual(1);
    await page.getByRole("button", { name: "Close on the picture" }).click();
    await expect.poll(() => members.count()).toBe(0);
    expect(await moved(card, before)).toBeLessThanOrEqual(1);

    // From the end of the page, where a shorter one would pull the card down.
    await page.keyboard.press("Escape");
    await card.press("e");
    await expect.poll(() => members.count()).toBe(BROAD.northbank.models);
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    const atEnd = await placeOf(card);
    await card.press("e");
    await expect.poll(() => members.count()).toBe(0);
    expect(await moved(card, atEnd)).toBeLessThanOrEqual(1);
  });

  it("loses nothing at a width of 320 px: only the picture moves sideways, and opens at a size that can be read", async () => {
    const texts: string[][] = [];
    for (const width of [1280, 320]) {
      const page = await openAs("engineer", `${lineagePage(broad)}?open=northbank,eastcap`, { viewport: { width, height: 640 } });
      const picture = page.getByRole("region", { name: /^Family as cards/ });
      const focus = picture.getByRole("button", { name: /finance\/broad/ });
      await focus.waitFor();
      await settle(page);
      // What is found once and is not inside the picture, which has what it has at any width.
      texts.push(await textsOutside(page));
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
      expect(await beyond(page, width)).toEqual([]);
      const [frame, card] = [await picture.boundingBox(), await focus.boundingBox()];
      if (frame === null || card === null) throw new Error("the focus is not on the picture");
      expect(card.height).toBeGreaterThan(24);
      expect(card.x).toBeGreaterThanOrEqual(frame.x);
      expect(card.x + card.width).toBeLessThanOrEqual(frame.x + frame.width);
    }
    expect(texts[1]).toEqual(texts[0]);
  });
});

/** Visible texts of the page's main part but those of the picture. */
function textsOutside(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const walker = document.createTreeWalker(document.querySelector("main") ?? document.body, NodeFilter.SHOW_TEXT);
    const texts: string[] = [];
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const parent = node.parentElement;
      const isShown =
        parent?.checkVisibility({ visibilityProperty: true }) === true && parent.closest('section[aria-label^="Family"]') === null;
      if (isShown && node.textContent?.trim()) texts.push(node.textContent.trim());
    }
    return texts;
  });
}

/** Things of the main part, outside the picture, that end beyond the window or hide part of their own text. */
function beyond(page: Page, width: number): Promise<string[]> {
  return page.evaluate((edge) => {
    const all = [...document.querySelectorAll("main *")].filter((element) => element.closest('section[aria-label^="Family"]') === null);
    const isCut = (element: Element) =>
      element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX === "hidden";
    return all
      .filter((element) => element.getBoundingClientRect().right > edge + 1 || isCut(element))
      .map((element) => `${element.tagName} ${element.textContent}`);
  }, width);
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Where a thing stands on the page, once two frames agree about it. */
async function placeOf(thing: Locator): Promise<Place> {
  return thing.evaluate(
    (element) =>
      new Promise<Place>((resolve) => {
        let last: DOMRect | null = null;
        const look = () => {
          const box = element.getBoundingClientRect();
          if (last && last.x === box.x && last.y === box.y) resolve({ x: box.x, y: box.y });
          else {
            last = box;
            requestAnimationFrame(look);
          }
        };
        requestAnimationFrame(look);
      }),
  );
}

async function moved(thing: Locator, before: Place): Promise<number> {
  const { x, y } = await placeOf(thing);
  return Math.max(Math.abs(x - before.x), Math.abs(y - before.y));
}
