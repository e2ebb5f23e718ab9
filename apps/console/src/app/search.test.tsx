import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { paths, SearchAnswer, type SearchKind } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { aModel } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

const aHit = (kind: SearchKind, ref: string, over: Partial<SearchAnswer["data"][number]> = {}): SearchAnswer["data"][number] => ({
  kind,
  ref,
  title: `Title of ${ref}`,
  owner: "northbank",
  tier: kind === "model" || kind === "version" ? "institution" : null,
  state: kind === "model" || kind === "version" ? "released" : null,
  matches: [],
  ...over,
});
const anAnswer = (over: Partial<SearchAnswer> = {}): SearchAnswer =>
  SearchAnswer.parse({
    data: [aHit("model", "northbank/care"), aHit("version", "northbank/care@7"), aHit("person", "wei@north.example")],
    nextCursor: null,
    counts: [
      { kind: "model", count: 12, isMore: false },
      { kind: "version", count: 10_000, isMore: true },
      { kind: "dataset", count: 0, isMore: false },
      { kind: "person", count: 1, isMore: false },
    ],
    parts: [{ text: "care", field: null }],
    ...over,
  });

/** What was asked, each question once, in order. */
function answers(answer: (asked: URLSearchParams) => Response | SearchAnswer): URLSearchParams[] {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get(paths.search(), ({ request }) => {
      const { searchParams } = new URL(request.url);
      asked.push(searchParams);
      const given = answer(searchParams);
      return given instanceof Response ? given : HttpResponse.json(given);
    }),
  );
  return asked;
}
const box = () => screen.findByRole("combobox", { name: "Search everything" });

describe("the search box", () => {
  it("is entered with / and lists what was found by kind with how many there are, marked where it matched", async () => {
    answers(() =>
      anAnswer({ data: [aHit("model", "northbank/care", { matches: [{ field: "ref", text: "northbank/care", ranges: [[10, 14]] }] })] }),
    );
    renderRoute("/models");
    const input = await box();
    await userEvent.keyboard("/");
    expect(document.activeElement).toBe(input);
    await userEvent.keyboard("care");
    const group = await screen.findByRole("group", { name: "Models 12" });
    expect(within(group).getByRole("option").querySelector("mark")?.textContent).toBe("care");
    expect(screen.queryByRole("group", { name: /Datasets/ })).toBeNull();
  });

  it("asks from the second letter on, and from the first ideograph", async () => {
    const asked = answers(() => anAnswer());
    renderRoute("/models");
    const input = await box();
    await userEvent.type(input, "c");
    await userEvent.clear(input);
    await userEvent.type(input, "客");
    await screen.findByRole("group", { name: "Models 12" });
    expect(asked.map((query) => query.get("q"))).toEqual(["客"]);
  });

  it("opens what the arrows chose, and tells a screen reader which that is", async () => {
    answers(() => anAnswer());
    const { address } = renderRoute("/models");
    const input = await box();
    await userEvent.type(input, "care");
    await screen.findByRole("option", { name: /care@7/ });
    await userEvent.keyboard("{ArrowDown}");
    const chosen = within(screen.getByRole("listbox")).getByRole("option", { selected: true });
    expect([chosen.id, chosen.textContent]).toEqual([input.getAttribute("aria-activedescendant"), expect.stringContaining("care@7")]);
    await userEvent.keyboard("{Enter}");
    await waitFor(() => expect(address()).toBe("/models/northbank/care/v/7"));
    expect(screen.queryByRole("listbox")).toBeNull();
  });

  it("goes from the last option, and when nothing has come yet, to everything that is found", async () => {
    answers(() => anAnswer());
    const { address } = renderRoute("/models");
    await userEvent.type(await box(), "care{Enter}");
    await waitFor(() => expect(address()).toBe("/search?q=care"));
    await userEvent.type(await box(), "care");
    await screen.findByRole("group", { name: "Models 12" });
    await userEvent.keyboard("{ArrowUp}{Enter}");
    await waitFor(() => expect(address()).toBe("/search?q=care"));
  });

  it("says that nothing was found, and what is wrong with a term", async () => {
    answers((asked) =>
      asked.get("q") === "tier:galaxy"
        ? problem("invalid", [{ code: "search_term_value", detail: "tier:galaxy is not understood" }])
        : anAnswer({ data: [] }),
    );
    renderRoute("/models");
    const input = await box();
    await userEvent.type(input, "zz");
    await screen.findByText("Nothing found");
    await userEvent.clear(input);
    await userEvent.type(input, "tier:galaxy");
    await screen.findByText("tier:galaxy is not understood");
    await userEvent.keyboard("{Escape}");
    expect(input.getAttribute("aria-expanded")).toBe("false");
  });
});

describe("the page of results", () => {
  it("shows the first few of each kind, and one kind page by page, all of it in the address", async () => {
    const asked = answers((query) =>
      query.get("kind") === null
        ? anAnswer()
        : anAnswer({
            data: [aHit("version", query.get("cursor") ? "northbank/care@6" : "northbank/care@7")],
            nextCursor: query.get("cursor") ? null : "next",
          }),
    );
    const { address } = renderRoute("/search?q=care");
    await userEvent.click(await screen.findByRole("button", { name: "Show all: Versions (over 10,000)" }));
    expect(address()).toBe("/search?q=care&kind=version");
    await userEvent.click(await screen.findByRole("button", { name: "Show more" }));
    const list = await screen.findByRole("list", { name: "Versions" });
    await within(list).findByRole("link", { name: "northbank/care@6" });
    expect(
      within(list)
        .getAllByRole("link")
        .map((link) => link.getAttribute("href")),
    ).toEqual(["/models/northbank/care/v/7", "/models/northbank/care/v/6"]);
    expect(asked.map((query) => query.get("cursor"))).toEqual([null, null, "next"]);
  });

  it("says in which field the words stand, as the text it is", async () => {
    answers(() =>
      anAnswer({
        data: [
          aHit("model", "northbank/care", {
            matches: [
              { field: "card.limits", text: "no <b>advice</b>", ranges: [[6, 12]] },
              { field: "card.fromLater", text: "advice too", ranges: [[0, 6]] },
            ],
          }),
        ],
      }),
    );
    renderRoute("/search?q=advice");
    const limits = await screen.findByText("Limits");
    expect(limits.parentElement?.textContent).toBe("Limits no <b>advice</b>");
    expect(limits.parentElement?.querySelector("mark")?.textContent).toBe("advice");
    expect(screen.getByText("Card")).toBeTruthy();
    expect(document.querySelector("main b")).toBeNull();
  });

  it("takes a part of the question away by its chip", async () => {
    answers(() =>
      anAnswer({
        parts: [
          { text: "care", field: null },
          { text: "tier:finance", field: "tier" },
        ],
      }),
    );
    const { address } = renderRoute("/search?q=care+tier%3Afinance");
    await userEvent.click(await screen.findByRole("button", { name: "Remove the filter care" }));
    await waitFor(() => expect(address()).toBe("/search?q=tier%3Afinance"));
  });

  it("explains what can be asked before anything is, and asks an example", async () => {
    const asked = answers(() => anAnswer());
    renderRoute("/search");
    expect(asked).toEqual([]);
    await userEvent.click(await screen.findByRole("button", { name: "on:foundation/atlas@3" }));
    await screen.findByRole("link", { name: "northbank/care" });
    expect(asked.map((query) => query.get("q"))).toEqual(["on:foundation/atlas@3"]);
  });

  it("says so when nothing matches, and offers to try again when asking failed", async () => {
    let isAway = true;
    answers(() => (isAway ? problem("unavailable") : anAnswer({ data: [], counts: [] })));
    renderRoute("/search?q=care");
    const retry = await screen.findByRole("button", { name: "Retry" });
    isAway = false;
    await userEvent.click(retry);
    await screen.findByText(/Nothing that you may see matches/);
  });

  it("names a bad term with its remedy", async () => {
    answers(() => problem("invalid", [{ code: "search_term_unknown", detail: "colour: is not a term" }]));
    renderRoute("/search?q=colour%3Ared");
    expect((await screen.findByRole("alert")).textContent).toContain("colour: is not a term");
  });
});

it("a model's tags lead to the models that have them", async () => {
  const model = aModel({ tags: ["客服"] });
  const asked: (string | null)[] = [];
  server.use(
    http.get(paths.model(model.ref), () => HttpResponse.json(model)),
    http.get(paths.versions(model.ref), () => page([])),
    http.get(paths.models(), ({ request }) => {
      asked.push(new URL(request.url).searchParams.get("filter[tag]"));
      return page([model]);
    }),
  );
  renderRoute(`/models/${model.ref}`);
  await userEvent.click(await screen.findByRole("link", { name: "客服" }));
  await screen.findByRole("button", { name: "Remove the filter Tag: 客服" });
  expect(asked.at(-1)).toBe("客服");
});
