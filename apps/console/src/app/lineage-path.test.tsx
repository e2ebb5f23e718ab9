import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type LineageGroups, type LineagePath, paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { aLineage } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { server } from "../test/server.js";

const [finance, task] = ["finance/ledger@1", "northbank/cards@2"];
const node = (ref: string, tier: "finance" | "institution") => ({
  id: ref,
  kind: "version" as const,
  ref,
  name: ref,
  tier,
  owner: tier === "finance" ? "platform" : "northbank",
  state: "released" as const,
  artifactKind: "full" as const,
  rootDigest: "a".repeat(64),
  distance: 0,
  gates: null,
});
const aPath = (over: Partial<LineagePath>): LineagePath => ({ from: task, to: finance, relation: "none", hops: [], ways: 0, ...over });
const answering = (path: LineagePath) => server.use(http.get(paths.lineageRoute(task), () => HttpResponse.json(path)));
const route = `/lineage/path?from=${encodeURIComponent(task)}&to=${encodeURIComponent(finance)}`;

it("lists every hop with its evidence, and says where a source's bytes differ now", async () => {
  const hop = { parent: node(finance, "finance"), child: node(task, "institution"), relation: "adapter_of", seal: "declared" } as const;
  const proof = { parentDigest: "b".repeat(64), digestHolds: false, job: null, datasets: [], createdAt: "2026-11-01T10:00:00.000Z" };
  answering(aPath({ relation: "up", ways: 2, hops: [{ ...hop, ...proof }] }));
  renderRoute(route);
  const hops = await screen.findByRole("list", { name: "Derivations, from the ancestor on" });
  expect(within(hops).getByText("declared by a person")).toBeTruthy();
  expect(within(hops).getByText("none: declared by hand")).toBeTruthy();
  expect(within(hops).getByText("the source differs now")).toBeTruthy();
  expect(screen.getByText(/There are 2 ways in all/)).toBeTruthy();
});

it("says that two versions are not related", async () => {
  answering(aPath({}));
  renderRoute(route);
  expect(await screen.findByText(/are not related/)).toBeTruthy();
});

it("asks for two versions when it has none", async () => {
  renderRoute("/lineage/path");
  expect(await screen.findByText("Choose two versions to see every derivation between them.")).toBeTruthy();
});

it("opens a family too large for a page with two requests, as groups that open in place", async () => {
  const asked: string[] = [];
  const group = (key: string, versions: number | null) => ({
    key,
    name: key,
    tier: "institution" as const,
    versions,
    withheld: versions === null,
  });
  server.use(
    http.get(paths.lineage(finance), ({ request }) => {
      asked.push(new URL(request.url).search);
      return HttpResponse.json(aLineage(finance, { nextCursor: "more", counts: { ancestors: 0, descendants: 750_000, institutions: 2 } }));
    }),
    http.get(paths.lineageGroups(finance), ({ request }) => {
      const { searchParams } = new URL(request.url);
      asked.push(`groups by ${searchParams.get("by")} of ${searchParams.get("owner")}`);
      const groups =
        searchParams.get("by") === "model" ? [group("northbank/cards", 749_000)] : [group("northbank", 749_996), group("southbank", null)];
      const total = { groups: groups.length, versions: null, withheld: true };
      return HttpResponse.json({ focus: finance, by: searchParams.get("by"), groups, total, minimum: 5, nextCursor: null });
    }),
  );
  const { address } = renderRoute("/lineage/finance/ledger/1");
  const north = await screen.findByRole("button", { name: /northbank.*749,996 versions/ });
  expect(screen.getByRole("button", { name: /southbank.*fewer than 5/ })).toBeTruthy();
  expect(asked).toEqual(["", "groups by owner of null"]);
  north.focus();
  await userEvent.keyboard("e");
  expect(await screen.findByRole("button", { name: /northbank\/cards.*749,000 versions/ })).toBeTruthy();
  expect(screen.getByRole("button", { name: /northbank .*749,996/ })).toBeTruthy();
  expect([asked.slice(2), address()]).toEqual([["groups by model of northbank"], expect.stringContaining("open=northbank")]);
  await userEvent.click(screen.getByRole("button", { name: /southbank/ }));
  expect(await screen.findByText(/its versions are not listed here/)).toBeTruthy();
  expect(asked).toHaveLength(3);
});

it("asks the API with the filters of the URL, once, and counts groups only when they are looked at", async () => {
  const asked: URL[] = [];
  const groups: LineageGroups = {
    focus: finance,
    by: "owner",
    groups: [
      { key: "northbank", name: "Northbank", tier: "institution", versions: 12, withheld: false },
      { key: "southbank", name: "Southbank", tier: "institution", versions: null, withheld: true },
    ],
    total: { groups: 2, versions: null, withheld: true },
    minimum: 5,
    nextCursor: null,
  };
  server.use(
    http.get(paths.lineage(finance), ({ request }) => {
      const url = new URL(request.url);
      if (url.searchParams.has("state")) asked.push(url);
      return HttpResponse.json(aLineage(finance));
    }),
    http.get(paths.lineageGroups(finance), ({ request }) => {
      asked.push(new URL(request.url));
      return HttpResponse.json(groups);
    }),
  );
  renderRoute("/lineage/finance/ledger/1?state=recalled&at=2026-05-03&view=table");
  await screen.findByRole("radio", { name: "Table" });
  expect(asked.map((url) => [url.searchParams.get("state"), url.searchParams.get("at")])).toEqual([
    ["recalled", "2026-05-03T23:59:59.999Z"],
  ]);
  await userEvent.click(screen.getByRole("radio", { name: "Numbers" }));
  const table = await screen.findByRole("table", { name: "Descendants in groups" });
  expect(within(table).getByText("12")).toBeTruthy();
  expect(within(table).getByText("fewer than 5")).toBeTruthy();
});
