import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Dataset, Import, Job, Model, paths } from "@ziggurat/contracts";
import { http, type JsonBodyType } from "msw";
import { describe, expect, it } from "vitest";
import { aDataset, aJob, aModel, anImport } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

interface ListCase {
  readonly route: string;
  readonly path: string;
  readonly row: JsonBodyType;
  readonly shows: RegExp;
  readonly filter: string;
  readonly empty: RegExp;
  readonly noMatch: RegExp;
}

const CASES: readonly ListCase[] = [
  {
    route: "/models",
    path: paths.models(),
    row: Model.parse(aModel()),
    shows: /finance\/ledger/,
    filter: "?tier=finance",
    empty: /No model has been registered yet/,
    noMatch: /No model matches/,
  },
  {
    route: "/jobs",
    path: paths.jobs(),
    row: Job.parse(aJob()),
    shows: /northbank\/aml/,
    filter: "?state=running",
    empty: /No job has been requested yet/,
    noMatch: /No job matches/,
  },
  {
    route: "/datasets",
    path: paths.datasets(),
    row: Dataset.parse(aDataset()),
    shows: /^northbank\/intents$/,
    filter: "?format=chat",
    empty: /No dataset has been registered yet/,
    noMatch: /No dataset matches/,
  },
  {
    route: "/imports",
    path: paths.imports(),
    row: Import.parse(anImport()),
    shows: /foundation\/base/,
    filter: "?state=failed",
    empty: /Nothing has been imported yet/,
    noMatch: /No import matches/,
  },
];

describe.each(CASES)("the list at $route", ({ route, path, row, shows, filter, empty, noMatch }) => {
  it("shows a skeleton while the answer is on its way, and then its rows", async () => {
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    server.use(
      http.get(path, async () => {
        await held;
        return page([row]);
      }),
    );
    renderRoute(route);
    expect(await screen.findByRole("status", { name: "Loading" })).toBeTruthy();
    answer();
    expect(await screen.findByRole("link", { name: shows })).toBeTruthy();
    expect(screen.queryByRole("status", { name: "Loading" })).toBeNull();
  });

  it("says in a sentence why nothing is there yet", async () => {
    renderRoute(route);
    expect(await screen.findByText(empty)).toBeTruthy();
  });

  it("names the filters that hide every row, and gives the rows back when they are cleared", async () => {
    server.use(http.get(path, ({ request }) => page(new URL(request.url).search.includes("filter") ? [] : [row])));
    const { address } = renderRoute(`${route}${filter}`);
    expect(await screen.findByText(noMatch)).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Clear filters" }));
    expect(await screen.findByRole("link", { name: shows })).toBeTruthy();
    expect(address()).toBe(route);
  });

  it("shows what failed with the request id, and recovers by Retry without a reload", async () => {
    let isDown = true;
    server.use(http.get(path, () => (isDown ? problem("denied") : page([row]))));
    renderRoute(route);
    expect((await screen.findByRole("alert")).textContent).toContain("Not allowed");
    expect(screen.getByText("req_42")).toBeTruthy();
    isDown = false;
    await userEvent.click(screen.getByRole("button", { name: "Retry" }));
    expect(await screen.findByRole("link", { name: shows })).toBeTruthy();
  });
});
