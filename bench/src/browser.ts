import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import type { RunningPlatform } from "./http/platform.js";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Chromium in its default mode, without a flag about graphics; null where this machine has none. */
export async function openBrowser(): Promise<Browser | null> {
  const executablePath = process.env.CHROMIUM_PATH ?? PLACES.find((path) => existsSync(path));
  if (executablePath === undefined) return null;
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

/** An empty page of the administrator, with nothing in its cache. */
export async function administratorsPage(browser: Browser, { url, admin }: RunningPlatform): Promise<Page> {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const answer = await page.request.post(`${url}/api/v1/auth/login`, { data: admin });
  if (!answer.ok()) throw new Error(`the administrator cannot sign in: ${answer.status()}`);
  return page;
}

export interface Frames {
  readonly perSecond: number;
  /** Milliseconds between two frames, at the 95th percentile. */
  readonly p95: number;
}

/** Counts frames by `requestAnimationFrame` while `work` goes on. */
export async function framesDuring(page: Page, work: () => Promise<void>): Promise<Frames> {
  const counted = page.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const at: number[] = [];
        const onFrame = (now: number) => {
          at.push(now);
          if (document.documentElement.dataset.counted === undefined) requestAnimationFrame(onFrame);
          else resolve(at);
        };
        delete document.documentElement.dataset.counted;
        requestAnimationFrame(onFrame);
      }),
  );
  await work();
  await page.evaluate(() => {
    document.documentElement.dataset.counted = "";
  });
  const at = await counted;
  const gaps = at.slice(1).map((now, index) => now - (at[index] ?? now));
  return { perSecond: (1000 * gaps.length) / gaps.reduce((sum, gap) => sum + gap, 0), p95: percentile(gaps, 0.95) };
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
