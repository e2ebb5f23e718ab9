import { fireEvent, screen, within } from "@testing-library/react";
import { paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { aPyramid } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { server } from "../test/server.js";

const all = aPyramid([
  ["foundation/atlas@1", "released", -1],
  ["finance/ledger@1", "released", 0],
  ["northbank/cards@1", "released", 1],
]);

/** Answers the overview and keeps what was asked. */
function answering(isTruncated: boolean, kept = all): string[] {
  const asked: string[] = [];
  server.use(
    http.get(paths.lineageOverview(), ({ request }) => {
      const { search } = new URL(request.url);
      asked.push(search);
      const isNarrow = /tier|state|owner/.test(search);
      const totals = { foundation: 50, finance: 5000, institution: 1_000_000 };
      return HttpResponse.json(isNarrow ? kept : isTruncated ? { ...all, totals, truncated: true } : all);
    }),
  );
  return asked;
}

it("filters by itself what one answer holds", async () => {
  const asked = answering(false);
  renderRoute("/pyramid?tier=finance");
  expect(await screen.findByText("1 of 3 versions")).toBeTruthy();
  expect(within(screen.getByRole("region", { name: "Finance industry models" })).getByText("1 version")).toBeTruthy();
  expect(asked).toEqual([""]);
});

it("asks the server for what a filter keeps where one answer cannot hold everything, and says how much there is", async () => {
  const asked = answering(true, aPyramid([["northbank/old@7", "recalled", -1]]));
  renderRoute("/pyramid?state=recalled&inst=northbank");
  expect(await screen.findByText(/^1 of 1,005,050 versions · more than one picture holds/)).toBeTruthy();
  expect(asked).toEqual(["", "?state=recalled&owner=northbank&owner=platform"]);
});

it("shows the pyramid of a past day", async () => {
  const asked = answering(false);
  renderRoute("/pyramid?view=table&at=2026-05-03");
  await screen.findByRole("table", { name: "Pyramid" });
  expect(asked).toEqual(["?at=2026-05-03T23%3A59%3A59.999Z"]);
});

it("zooms the map with Ctrl and the wheel, and keeps the browser from zooming the page as well", async () => {
  answering(false);
  renderRoute("/pyramid");
  const map = await screen.findByRole("application");
  expect(fireEvent.wheel(map, { ctrlKey: true, deltaY: -100 })).toBe(false);
  expect(fireEvent.wheel(map, { deltaY: -100 })).toBe(true);
});

it("says the lines of a selection in words", async () => {
  answering(false);
  renderRoute("/pyramid?sel=finance/ledger@1");
  const lines = await screen.findByRole("list", { name: "Lines of finance/ledger@1" });
  expect(
    within(lines)
      .getAllByRole("listitem")
      .map(({ textContent }) => textContent),
  ).toEqual(["from foundation/atlas@1 to finance/ledger@1", "from finance/ledger@1 to northbank/cards@1"]);
});
