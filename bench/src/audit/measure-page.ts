import type { Browser, Page } from "playwright-core";
import { administratorsPage, openBrowser } from "../browser.js";
import type { RunningPlatform } from "../http/platform.js";
import { median } from "../results.js";

const RUNS = 5;
const PAGES = {
  "the log": "/audit",
  "one chain": "/audit?inst=benchbank",
  "one action": "/audit?action=version.seal",
  "one person": "/audit?actor=Person%201",
} as const;

export interface OpenedPage {
  readonly name: string;
  /** Until the first row of the log is on the screen, in milliseconds. */
  readonly rowsMs: number;
}

/** The console's page of the log in a real browser; nothing where this machine has none. */
export async function measurePage(platform: RunningPlatform): Promise<OpenedPage[]> {
  const browser = await openBrowser();
  if (browser === null) return [];
  try {
    const clicked = await medianOf(() => afterClick(browser, platform));
    const measured: OpenedPage[] = [{ name: "the log, by a click in the open console", rowsMs: clicked }];
    for (const [name, path] of Object.entries(PAGES))
      measured.push({
        name: `${name}, with nothing in the browser's cache`,
        rowsMs: await medianOf(() => afterNavigation(browser, platform, path)),
      });
    return measured;
  } finally {
    await browser.close();
  }
}

async function medianOf(measure: () => Promise<number>): Promise<number> {
  const runs: number[] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await measure());
  return median(runs);
}

async function afterNavigation(browser: Browser, platform: RunningPlatform, path: string): Promise<number> {
  const page = await administratorsPage(browser, platform);
  await page.goto(platform.url + path, { waitUntil: "commit" });
  return rowsAt(page);
}

async function afterClick(browser: Browser, platform: RunningPlatform): Promise<number> {
  const page = await administratorsPage(browser, platform);
  await page.goto(`${platform.url}/settings`, { waitUntil: "networkidle" });
  const began = await page.evaluate(() => performance.now());
  await page.getByRole("link", { name: "Audit", exact: true }).click();
  return (await rowsAt(page)) - began;
}

/** On the page's own clock: the frame after the first row came. */
async function rowsAt(page: Page): Promise<number> {
  await page.getByRole("table", { name: "Audit" }).getByRole("row").nth(1).waitFor();
  const at = await page.evaluate(() => new Promise<number>((resolve) => requestAnimationFrame(resolve)));
  await page.context().close();
  return at;
}
