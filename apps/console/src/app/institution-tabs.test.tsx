import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Institution, InstitutionExit, type Me, paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aMe } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { server } from "../test/server.js";

afterEach(() => chooseLanguage("en"));

const own = { slug: "northbank", name: "Northbank" };
const northbank = Institution.parse({
  ...{ id: `ins_${"1".padStart(32, "0")}`, ...own, region: "EU", members: 2, models: 3, state: "active" },
  createdAt: "2026-11-24T12:00:00.000Z",
});
const leaving = InstitutionExit.parse({
  ...{ institution: "northbank", state: "leaving", exit: null, exports: [], actions: [], mayDownload: false },
});

/** The page of the bank as somebody sees it; answers what of the institution was asked for. */
function bankPage(me: Partial<Me>, path = "/institutions/northbank", institution: Institution = northbank) {
  const asked = new Set<string>();
  server.use(
    http.get(paths.me(), () => HttpResponse.json(aMe(me))),
    http.get("/api/v1/*", ({ request }) => {
      const part = new URL(request.url).pathname;
      if (part.startsWith(`${paths.institution("northbank")}/`) || part === paths.statements() || part === paths.models()) asked.add(part);
    }),
    http.get(paths.institution("northbank"), () => HttpResponse.json(institution)),
    http.get(paths.exit("northbank"), () => HttpResponse.json(leaving)),
  );
  return { asked, ...renderRoute(path) };
}
const tabs = async () => {
  await screen.findByRole("tablist");
  return screen.getAllByRole("tab").map(({ textContent }) => textContent);
};

it("shows each viewer the tabs they can use, in both languages", async () => {
  bankPage({ roles: ["institution_admin"], institution: own });
  const all = ["Overview", "Members", "Roles", "Service accounts", "Sign-in and directory", "Entitlements", "Models", "Statements", "Exit"];
  expect(await tabs()).toEqual(all);
  await chooseLanguage("zh");
  await waitFor(async () => expect(await tabs()).toContain("登录与目录"));
});

it.each<[string, Partial<Me>]>([
  ["a member has neither sign-in nor exit", { roles: ["institution_member"], institution: own }],
  ["the platform's engineer neither", { roles: ["platform_engineer"] }],
])("%s", async (_, me) => {
  bankPage(me);
  expect(await tabs()).toEqual(["Overview", "Members", "Roles", "Service accounts", "Entitlements", "Models", "Statements"]);
});

it("asks for what the open tab shows and for nothing else", async () => {
  const { asked, address } = bankPage({ roles: ["institution_admin"], institution: own });
  await screen.findByRole("list", { name: "Quota and budget" });
  expect([...asked].sort()).toEqual([paths.quota("northbank"), paths.quotaProposals("northbank")]);
  asked.clear();
  await userEvent.click(screen.getByRole("tab", { name: "Entitlements" }));
  await screen.findByText(/^Nothing was granted/);
  expect([...asked]).toEqual([paths.entitlements("northbank")]);
  expect(address()).toBe("/institutions/northbank?tab=entitlements");
});

it("makes a history entry of each tab, which arrows reach and Enter opens", async () => {
  const { router, address } = bankPage({ roles: ["institution_admin"], institution: own });
  const overview = await screen.findByRole("tab", { name: "Overview" });
  overview.focus();
  await userEvent.keyboard("{ArrowRight}{ArrowRight}");
  expect(document.activeElement?.textContent).toBe("Roles");
  expect(address()).toBe("/institutions/northbank");
  await userEvent.keyboard("{Enter}");
  await screen.findByRole("heading", { name: "Roles of its own" });
  expect(address()).toBe("/institutions/northbank?tab=roles");
  router.history.back();
  await screen.findByRole("heading", { name: "Quota and budget" });
  expect(address()).toBe("/institutions/northbank");
});

it("falls back from a tab that is none, or not this viewer's, and says so", async () => {
  bankPage({ roles: ["institution_member"], institution: own }, "/institutions/northbank?tab=exit");
  expect((await screen.findByRole("tab", { name: "Overview" })).getAttribute("aria-selected")).toBe("true");
  expect(await screen.findByText(/left out: tab$/)).toBeTruthy();
});

it("keeps the old addresses of the exit and of statements", async () => {
  const { address } = bankPage({ roles: ["institution_admin"], institution: own }, "/institutions/northbank/exit");
  await screen.findByRole("heading", { name: "Exit of northbank" });
  expect(address()).toBe("/institutions/northbank?tab=exit");
});

it("leads from the old address of statements to the institution's own", async () => {
  const { address } = bankPage({ roles: ["institution_member"], institution: own }, "/statements");
  await screen.findByText("Nothing has been charged yet.");
  expect(address()).toBe("/institutions/northbank?tab=statements");
});

it("lets everybody follow an exit that is under way", async () => {
  bankPage({ roles: ["institution_member"], institution: own }, "/institutions/northbank", { ...northbank, state: "leaving" });
  expect((await screen.findByRole("link", { name: "Exit" })).getAttribute("href")).toBe("/institutions/northbank?tab=exit");
  expect(await tabs()).toContain("Exit");
});
