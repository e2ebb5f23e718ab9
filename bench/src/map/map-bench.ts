import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paths } from "@ziggurat/contracts";
import pg from "pg";
import type { Browser, Page } from "playwright-core";
import type { BenchOptions } from "../bench-options.js";
import { administratorsPage, type Frames, framesDuring, openBrowser, percentile } from "../browser.js";
import { type RunningPlatform, startPlatform } from "../http/platform.js";
import { superuserUrl } from "../http/scene.js";
import { fill } from "../lineage/fill.js";
import { machine, median, writeResult } from "../results.js";

const RUNS = 3;
const SEED = 7;
const STEP_MS = 16;
const MOVES = 120;

/**
 * The console's map of 20,000 versions in a real browser: from navigation to the picture, and frames while it is panned, zoomed and
 * pointed at. The peer is the same browser with the same input on an empty page: what the machine gives at most.
 */
export async function mapBench({ scale }: BenchOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "ziggurat-bench-"));
  mkdirSync(join(folder, "rows"));
  for (const path of [folder, join(folder, "rows")]) chmodSync(path, 0o711);
  const platform = await startPlatform(join(folder, "data"));
  const browser = await openBrowser();
  try {
    if (browser === null) {
      console.log("\nmap: left out, there is no Chromium on this machine");
      return;
    }
    const tasks = Math.round(19_790 * scale);
    await filled(join(folder, "data"), join(folder, "rows"), tasks);
    const opened = [];
    for (let run = 0; run < RUNS; run += 1) opened.push(await measureOpening(browser, platform));
    const page = await administratorsPage(browser, platform);
    await page.goto(`${platform.url}/pyramid`);
    await drawn(page);
    const pan = await median3(page, panned);
    const zoom = await median3(page, zoomed);
    const hover = await measureHover(page);
    const bare = await administratorsPage(browser, platform);
    await bare.goto("about:blank");
    const most = await median3(bare, panned);
    const results = { versions: tasks + 210, opened, pan, zoom, most, hover };
    report(results);
    writeResult("map", { machine: machine(), browser: browser.version(), scale, ...results });
  } finally {
    await browser?.close();
    await platform.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function filled(dataDir: string, rows: string, tasks: number): Promise<void> {
  const admin = new pg.Client({ connectionString: superuserUrl(dataDir) });
  await admin.connect();
  const size = { foundation: 10, finance: 200, tasks, edges: Math.round(1.3 * tasks), institutions: 60, datasets: 40 };
  const { seconds } = await fill(admin, rows, size, SEED);
  await admin.end();
  console.log(`\nmap: the pyramid was built in ${seconds.toFixed(0)} s`);
}

interface Opening {
  /** From navigation, in milliseconds. */
  readonly drawnMs: number;
  readonly largestPaintMs: number;
  readonly answerMs: number;
  readonly answerBytes: number;
}

/** With nothing in the browser's cache. */
async function measureOpening(browser: Browser, platform: RunningPlatform): Promise<Opening> {
  const page = await administratorsPage(browser, platform);
  await page.goto(`${platform.url}/pyramid`);
  const drawnMs = await drawn(page);
  const measured = await page.evaluate(async (path) => {
    const largestPaintMs = await new Promise<number>((resolve) => {
      new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? 0)).observe({
        type: "largest-contentful-paint",
        buffered: true,
      });
    });
    const answer = performance.getEntriesByType("resource").find(({ name }) => new URL(name).pathname === path);
    const isRead = answer instanceof PerformanceResourceTiming;
    return { largestPaintMs, answerMs: isRead ? answer.duration : 0, answerBytes: isRead ? answer.encodedBodySize : 0 };
  }, paths.lineageOverview());
  await page.context().close();
  return { drawnMs, ...measured };
}

/** Waits until the canvas has ink, and says when that was, in milliseconds from navigation. */
function drawn(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const look = () => {
          const canvas = document.querySelector("canvas");
          const context = canvas && canvas.clientWidth > 400 ? canvas.getContext("2d") : null;
          const ink = context?.getImageData(0, 0, context.canvas.width, context.canvas.height).data.some((value) => value !== 0);
          // The frame in which it was seen is on the screen by the next one.
          if (ink) requestAnimationFrame((now) => resolve(now));
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
}

async function panned(page: Page): Promise<void> {
  await page.mouse.move(700, 500);
  for (let at = 0; at < MOVES; at += 1) await wheel(page, at % 60 < 30 ? 40 : -40);
}

/** In by eight steps and out again; each one lays the whole map out anew. */
async function zoomed(page: Page): Promise<void> {
  await page.mouse.move(700, 500);
  await page.keyboard.down("Control");
  for (let at = 0; at < MOVES; at += 1) await wheel(page, at % 16 < 8 ? -100 : 100);
  await page.keyboard.up("Control");
}

async function wheel(page: Page, by: number): Promise<void> {
  const next = new Promise((resolve) => setTimeout(resolve, STEP_MS));
  await page.mouse.wheel(0, by);
  await next;
}

/** The median of three runs, by frames a second. */
async function median3(page: Page, work: (page: Page) => Promise<void>): Promise<Frames> {
  const runs: Frames[] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await framesDuring(page, () => work(page)));
  const [low, middle] = runs.toSorted((a, b) => a.perSecond - b.perSecond);
  return middle ?? low ?? { perSecond: 0, p95: 0 };
}

interface Hover {
  readonly p50: number;
  readonly p95: number;
}

/** From a move of the pointer to the frame after the one that lit the family under it. */
async function measureHover(page: Page): Promise<Hover> {
  const durations = await page.evaluateHandle(() => {
    const measured: number[] = [];
    const measure = ({ timeStamp }: PointerEvent) =>
      requestAnimationFrame(() => requestAnimationFrame(() => void measured.push(performance.now() - timeStamp)));
    document.addEventListener("pointermove", measure, { capture: true });
    return measured;
  });
  const box = await page.getByRole("application").boundingBox();
  if (box === null) throw new Error("the map is not on the page");
  for (let at = 0; at < MOVES; at += 1) {
    await page.mouse.move(box.x + 20 + ((at * 37) % (box.width - 40)), box.y + 60 + ((at * 23) % (box.height - 80)));
    await page.waitForTimeout(STEP_MS * 4);
  }
  const measured = await durations.jsonValue();
  return { p50: median(measured), p95: percentile(measured, 0.95) };
}

interface Results {
  readonly versions: number;
  readonly opened: readonly Opening[];
  readonly pan: Frames;
  readonly zoom: Frames;
  readonly most: Frames;
  readonly hover: Hover;
}

function report({ versions, opened, pan, zoom, most, hover }: Results): void {
  const frames = ({ perSecond, p95 }: Frames) => `${perSecond.toFixed(0)} frames a second, 95th ${p95.toFixed(0)} ms`;
  console.log(`map of ${versions} versions, ${RUNS} times with an empty cache`);
  console.table(opened.map((one) => Object.fromEntries(Object.entries(one).map(([name, value]) => [name, Math.round(value)]))));
  console.log(`pan    ${frames(pan)}\nzoom   ${frames(zoom)}\nan empty page with the same input: ${frames(most)}`);
  console.log(`a move of the pointer to the family lit: median ${hover.p50.toFixed(0)} ms, 95th ${hover.p95.toFixed(0)} ms`);
}
