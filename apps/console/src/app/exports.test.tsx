import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type ExternalRun, paths, type Version } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, expect, it, vi } from "vitest";
import { aLineage, aMe, aNode, aVersion } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { server } from "../test/server.js";

const REF = "northbank/cards@4";
const address = "/models/northbank/cards/v/4";
const run: ExternalRun = {
  runId: "0199aaaa-0000-7000-8000-000000000000",
  job: { namespace: "airflow", name: "cards.serve" },
  producer: "https://pipelines.example",
  eventType: "COMPLETE",
  eventTime: "2026-11-24T12:00:00.000Z",
  inputs: [{ namespace: "hf://models.example", name: REF }],
  outputs: [{ namespace: "kafka", name: "<b>answers</b>" }],
  names: [REF],
  receivedAt: "2026-11-24T12:00:01.000Z",
  declaredBy: "Li Wei",
};

function platform(over: Partial<Version> = {}, external: readonly ExternalRun[] = []) {
  server.use(
    http.get(paths.me(), () => HttpResponse.json(aMe())),
    http.get(paths.version(REF), () => HttpResponse.json(aVersion({ ref: REF, model: "northbank/cards", number: 4, ...over }))),
    http.get(paths.lineage(REF), () => HttpResponse.json(aLineage(REF, { nodes: [aNode(REF)], external: [...external] }))),
  );
}
afterEach(() => vi.restoreAllMocks());

/** What the browser was asked to save. */
function saved(): string[] {
  const hrefs: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    if (this.hasAttribute("download")) hrefs.push(this.getAttribute("href") ?? "");
  });
  return hrefs;
}

it("a released version offers its ancestry in five formats, its signature and the key, by keyboard", async () => {
  platform({ state: "released" });
  const hrefs = saved();
  renderRoute(address);
  const user = userEvent.setup();
  const button = await screen.findByRole("button", { name: "Export" });
  for (let at = 0; at < 7; at += 1) {
    button.focus();
    await user.keyboard(`{Enter}${"{ArrowDown}".repeat(at)}{Enter}`);
    expect(document.activeElement).toBe(button);
  }
  expect(hrefs).toEqual([
    ...["openlineage", "cyclonedx", "prov"].map((format) => paths.lineageExport(REF, format)),
    paths.lineageExport(REF, "report", "en"),
    paths.lineageExport(REF, "intoto"),
    paths.signature(REF),
    paths.signingKey(),
  ]);
});

it("a draft offers nothing to save but the key, and says why", async () => {
  platform({ state: "draft" });
  const hrefs = saved();
  renderRoute(address);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Export" }));
  const items = within(screen.getByRole("menu")).getAllByRole("menuitem");
  expect(items.map((item) => item.getAttribute("aria-disabled"))).toEqual(["true", "true", "true", "true", "true", "true", null]);
  expect(items[5]?.textContent).toContain("signed when it is released");
  for (const item of items.slice(0, 6)) await user.click(item);
  expect(hrefs).toEqual([]);
});

it.each([`${address}?tab=lineage`, "/lineage/northbank/cards/4"])(
  "what was declared from outside stands apart at %s, as text",
  async (path) => {
    platform({ state: "released" }, [run]);
    renderRoute(path);
    const section = await screen.findByRole("region", { name: "Declared from outside" });
    const row = within(section).getByText("airflow cards.serve").closest("tr");
    expect(row?.textContent).toMatch(/completed.*northbank\/cards@4.*<b>answers<\/b>.*Li Wei/);
    expect(section.querySelector("b")).toBeNull();
  },
);

it("nothing declared leaves no empty section", async () => {
  platform({ state: "released" });
  renderRoute("/lineage/northbank/cards/4");
  await screen.findByRole("button", { name: "Export" });
  expect(screen.queryByRole("region", { name: "Declared from outside" })).toBeNull();
});
