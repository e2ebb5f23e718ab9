import { Lineage, paths } from "@ziggurat/contracts";
import type { Locator, Page } from "playwright-core";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { BROAD, broadFamily } from "../support/broad-family.js";
import { openAs, settle, useBrowser } from "../support/browser.js";
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
});

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
