import { ensureMember } from "@ziggurat/client";
import type { Role } from "@ziggurat/contracts";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { follow, newPage, settle, useBrowser } from "../support/browser.js";
import { inject } from "../support/here.js";
import { signIn } from "../support/seed.js";

useBrowser();

/** Every role where it can be held, each by somebody who holds nothing else. */
const HOLDERS: readonly (readonly [institution: string, role: Role])[] = [
  ["platform", "platform_admin"],
  ["platform", "platform_engineer"],
  ["platform", "compliance_reviewer"],
  ["platform", "auditor"],
  ["northbank", "institution_admin"],
  ["northbank", "institution_member"],
  ["northbank", "compliance_reviewer"],
  ["northbank", "auditor"],
];
const holderOf = (institution: string, role: Role) => ({
  email: `walk-${role}@${institution}.example`,
  password: `Walks-${institution}-as-${role}`,
});

beforeAll(async () => {
  const admin = await signIn(inject("url"), "admin");
  for (const [institution, role] of HOLDERS) await ensureMember(admin, institution, holderOf(institution, role), `Walker ${role}`, [role]);
});

describe.each(HOLDERS)("at %s, %s", (institution, role) => {
  it("is refused nothing on any page that the console leads to, in both languages", async () => {
    const english = await signedIn(institution, role, "en-GB");
    const seen = await walk(english);
    expect(seen.length).toBeGreaterThan(10);
    const chinese = await signedIn(institution, role, "zh-CN");
    for (const path of await linksOf(chinese, "nav")) {
      await follow(chinese, path);
      expect(await chinese.locator("h1").first().innerText()).toMatch(/[\u4e00-\u9fff]/);
    }
  }, 300_000);
});

async function signedIn(institution: string, role: Role, locale: string): Promise<Page> {
  const page = await newPage({ locale });
  const answer = await page.request.post(`${inject("url")}/api/v1/auth/login`, { data: holderOf(institution, role) });
  expect(answer.status()).toBeLessThan(300);
  await page.goto(inject("url"));
  await settle(page);
  return page;
}

/** Follows links from the home page, one of each kind of page. Answers that refuse fail the journey when it ends. */
async function walk(page: Page): Promise<readonly string[]> {
  const kinds = new Set<string>(["/"]);
  const visited: string[] = [];
  const waiting = ["/"];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    await follow(page, path);
    visited.push(path);
    for (const link of await linksOfTabs(page)) {
      const kind = kindOf(link);
      if (kinds.has(kind)) continue;
      kinds.add(kind);
      waiting.push(link);
    }
  }
  return visited;
}

/** The links of a page, those of each of its tabs among them: every tab that this viewer is shown opens. */
async function linksOfTabs(page: Page): Promise<string[]> {
  const links = await linksOf(page, "body");
  for (const tab of await page.getByRole("tab").all()) {
    await tab.click();
    await settle(page);
    links.push(...(await linksOf(page, "body")));
  }
  return links;
}

/** Addresses of the console behind the links of a part of the page. */
async function linksOf(page: Page, part: string): Promise<string[]> {
  const links = await page
    .locator(`${part} a[href^="/"]:not([download])`)
    .evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
  return [...new Set(links)].filter((link) => !/^\/(api|docs|openapi)/.test(link));
}

/** The page without what it is about: one model stands for all of its tier, and a list for all of its filters. */
function kindOf(link: string): string {
  const { pathname, searchParams } = new URL(link, "http://console");
  const shape = pathname
    .replace(
      /^\/(models|lineage|datasets)\/(foundation|finance|[^/]+)\/[^/]+/,
      (_, page, namespace) => `/${page}/${["foundation", "finance"].includes(namespace) ? namespace : "task"}/*`,
    )
    .replace(/\/\d+(?=\/|$)/g, "/#")
    .replace(/\/[a-z]+_[0-9a-f]{16,}/g, "/id")
    .replace(/^\/institutions\/[^/]+/, "/institutions/*");
  return `${shape}?${searchParams.get("tab") ?? ""}`;
}
