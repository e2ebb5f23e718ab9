import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { Comparison } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { renderRoute } from "../test/render-route.js";
import { problem, server } from "../test/server.js";

afterEach(() => chooseLanguage("en"));

const [first, second] = ["northbank/cards@1", "northbank/cards@2"];
const rows: Comparison["rows"] = [
  { group: "metrics", field: "exactMatch", on: "northbank/held-out@1", values: [0.5, 0.75], differs: true },
  { group: "recipe", field: "learningRate", on: null, values: [0.001, null], differs: true },
  { group: "gates", field: "licence", on: null, values: ["passed", "missing"], differs: true },
  { group: "lifecycle", field: "state", on: null, values: ["released", "released"], differs: false },
];
let asked: (string | null)[] = [];
beforeEach(() => {
  asked = [];
  server.use(
    http.get("/api/v1/comparisons", ({ request }) => {
      const versions = new URL(request.url).searchParams.get("versions");
      asked.push(versions);
      return HttpResponse.json({ versions: versions?.split(","), rows } satisfies Partial<Record<keyof Comparison, unknown>>);
    }),
  );
});
const shown = () =>
  screen
    .getAllByRole("row")
    .slice(1)
    .map((row) =>
      within(row)
        .getAllByRole("cell")
        .slice(1)
        .map(({ textContent }) => textContent),
    );

it("shows what the address names, differences first, in words of the reader's language", async () => {
  renderRoute(`/compare?a=${first}&b=${second}`);
  expect(await screen.findByText("3 of 4 rows differ")).toBeTruthy();
  expect(asked).toEqual([`${first},${second}`]);
  expect(shown()).toEqual([
    ["yes", "50%", "75%"],
    ["yes", "0.001", "none"],
    ["yes", "passed", "missing"],
    ["no", "released", "released"],
  ]);
  await chooseLanguage("zh");
  expect(await screen.findByText("4 行中有 3 行不同")).toBeTruthy();
  expect(shown()[3]).toEqual(["否", "已发布", "已发布"]);
});

it("leaves out what is the same when asked to", async () => {
  renderRoute(`/compare?a=${first}&b=${second}`);
  await userEvent.click(await screen.findByLabelText("Differences only"));
  expect(shown()).toHaveLength(3);
});

it("asks for two versions first, takes more up to five, and keeps them in the address", async () => {
  const { router } = renderRoute(`/compare?a=${first}`);
  expect(await screen.findByText("Name two versions to compare.")).toBeTruthy();
  expect(asked).toEqual([]);
  await userEvent.type(screen.getByLabelText("Version 2"), second);
  await waitFor(() => expect(asked).toEqual([`${first},${second}`]));
  await userEvent.type(await screen.findByLabelText("Version 3"), "finance/ledger@1");
  await waitFor(() => expect(router.state.location.search).toEqual({ a: first, b: second, c: "finance/ledger@1" }));
  await userEvent.click(screen.getByRole("button", { name: "Keep two" }));
  await waitFor(() => expect(router.state.location.search).toEqual({ a: first, b: second }));
});

it("says that one of them is not there, as of any hidden object", async () => {
  server.use(http.get("/api/v1/comparisons", () => problem("hidden")));
  renderRoute(`/compare?a=${first}&b=southbank/secret@1`);
  expect(await screen.findByRole("alert")).toBeTruthy();
});
