import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page, type Request } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { inject } from "./here.js";
import { type Person, people } from "./people.js";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Errors a page must not have, and which each journey asserts to be none when it ends. */
const complaints: string[] = [];
/** What each page has asked the server and has no answer to yet. */
const unanswered = new WeakMap<Page, Set<Request>>();
let browser: Browser;
const contexts: BrowserContext[] = [];

/** Call once in a journey file: a browser for its tests, fresh contexts for each, and no complaint left unread. */
export function useBrowser(): void {
  beforeAll(async () => {
    const executablePath = process.env.CHROMIUM_PATH ?? PLACES.find((path) => existsSync(path));
    if (executablePath === undefined) throw new Error("Chromium is not installed; `npm test` installs it where it may.");
    browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(() => browser.close());
}

export interface Visit extends BrowserContextOptions {
  /** Answers of these codes are part of the journey, and the browser's own line about them is no complaint. */
  readonly expectStatus?: readonly number[];
  /** The platform's origin, and those of others whose pages the journey leads through. The shared platform's alone where nothing is said. */
  readonly origins?: readonly string[];
}

/** A page of somebody signed in by the API; the console sees only the cookie. */
export async function openAs(person: Person, path: string, { expectStatus = [], ...options }: Visit = {}): Promise<Page> {
  const url = inject("url");
  const page = await newPage({ expectStatus, ...options });
  const { email, password } = people[person];
  const answer = await page.request.post(`${url}/api/v1/auth/login`, { data: { email, password } });
  if (!answer.ok()) throw new Error(`${email} cannot sign in: ${answer.status()}`);
  await page.goto(url + path);
  return page;
}

/** A page of a stranger. */
export async function newPage({ expectStatus = [], origins, ...options }: Visit = {}): Promise<Page> {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 }, ...options });
  contexts.push(context);
  const page = await context.newPage();
  watch(page, origins ?? [new URL(inject("url")).origin], expectStatus);
  countAnswers(page);
  return page;
}

/** The browser's own line about an answer or an aborted request; answers are watched themselves, with their address. */
const ofAnswer = /^Failed to load resource/;

/** Acceptance 37 in every journey: nothing leaves the platform's origin, no console error, no content-security violation. */
function watch(page: Page, origins: readonly string[], expectStatus: readonly number[]): void {
  page.on("request", (request) => {
    const url = request.url();
    // What somebody else's pages load is their own affair.
    if (origins.slice(1).some((origin) => request.frame().url().startsWith(`${origin}/`))) return;
    if (!origins.some((origin) => url.startsWith(`${origin}/`)) && !url.startsWith("blob:") && !url.startsWith("data:"))
      complaints.push(`request to ${url}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && !expectStatus.includes(response.status()))
      complaints.push(`${response.status()} from ${response.url()}`);
  });
  page.on("console", (message) => {
    if (message.type() === "error" && !ofAnswer.test(message.text())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
}

/** Keeps what the page's program has asked for until it is answered. A stream of events is answered once it is open. */
function countAnswers(page: Page): void {
  const asked = new Set<Request>();
  unanswered.set(page, asked);
  page.on("request", (request) => {
    if (["fetch", "xhr"].includes(request.resourceType())) asked.add(request);
  });
  page.on("response", (response) => {
    if (response.headers()["content-type"]?.startsWith("text/event-stream")) asked.delete(response.request());
  });
  const forget = (request: Request) => void asked.delete(request);
  page.on("requestfinished", forget);
  page.on("requestfailed", forget);
}

/** A page is there when its heading is, everything it asked for has come, and nothing is loading any more. */
export async function settle(page: Page): Promise<void> {
  const asked = unanswered.get(page) ?? new Set();
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  do {
    await expect.poll(() => asked.size, { timeout: 30_000, interval: 10 }).toBe(0);
    // One frame, so that what has come is drawn, and asks for what it needs in its turn.
    await page.evaluate(() => new Promise(requestAnimationFrame));
    await page.waitForFunction(
      () => document.querySelector('[role="status"][aria-label="Loading"], [role="status"][aria-label="加载中"]') === null,
    );
  } while (asked.size > 0);
}

/** Part of the console's router, which tells when the page of an address has been drawn. */
interface Router {
  readonly state: { readonly status: "pending" | "idle" };
  subscribe(event: "onRendered", act: () => void): () => void;
}

/** Goes on to another page of the console as its links do: nothing is loaded anew but what that page needs. */
export async function follow(page: Page, path: string): Promise<void> {
  await page.evaluate(
    (to) =>
      new Promise<void>((resolve) => {
        const router: Router = Object(window).__TSR_ROUTER__;
        const stop = router.subscribe("onRendered", () => {
          if (router.state.status !== "idle") return;
          stop();
          resolve();
        });
        history.pushState({}, "", to);
      }),
    path,
  );
  await settle(page);
}
