import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Card, type Me, type Model, paths, type Tier } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aMe, aModel } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

afterEach(() => chooseLanguage("en"));

/** Opens a model's page, as somebody who may register such models; answers what was sent. */
function show(model: Model, refusal?: () => Response, roles: Me["roles"] = ["platform_engineer"]) {
  const sent: unknown[] = [];
  server.use(
    http.get(paths.me(), () => HttpResponse.json(aMe({ roles }))),
    http.get(paths.model(model.ref), () => HttpResponse.json(model, { headers: { etag: '"seen"' } })),
    http.get(paths.versions(model.ref), () => page([])),
    http.get(paths.aliasProposalsOf(model.ref), () => page([])),
    http.patch(paths.model(model.ref), async ({ request }) => {
      sent.push([request.headers.get("if-match"), await request.json()]);
      return refusal?.() ?? HttpResponse.json(model);
    }),
  );
  renderRoute(`/models/${model.ref}`);
  return sent;
}
const dialog = () => within(screen.getByRole("dialog"));

it("says how complete a card is and what is still asked for, in both languages", async () => {
  show(aModel({ card: Card.parse({ purpose: "ledgers" }), cardCompleteness: 0.2, cardGaps: ["limits", "contact"] }));
  expect(await screen.findByText("20% complete")).toBeTruthy();
  expect(screen.getByText("The tier asks for 2 more: Limits and Contact")).toBeTruthy();
  await chooseLanguage("zh");
  expect(await screen.findByText("本层级还需填写 2 项：限制和联系人")).toBeTruthy();
});

it.each<[Tier, boolean]>([
  ["foundation", true],
  ["finance", false],
])("asks where a model was taken from of the tier that comes from outside alone: %s", async (tier, isAsked) => {
  show(aModel({ tier }));
  await userEvent.click(await screen.findByRole("button", { name: "Edit" }));
  expect(dialog().queryByLabelText("Supplier") !== null).toBe(isAsked);
});

it("saves the whole card, and only over what its author saw", async () => {
  const sent = show(aModel({ card: Card.parse({ purpose: "ledgers", languages: ["en"] }), tags: ["a"] }));
  await userEvent.click(await screen.findByRole("button", { name: "Edit" }));
  await userEvent.type(dialog().getByLabelText("Limits"), "no advice");
  await userEvent.type(dialog().getByLabelText("Languages"), "、zh");
  await userEvent.click(dialog().getByRole("button", { name: "Save" }));
  const card = { ...Card.parse({}), purpose: "ledgers", limits: "no advice", languages: ["en", "zh"] };
  await waitFor(() => expect(sent).toEqual([['"seen"', { name: "Ledger", licence: "Apache-2.0", card, tags: ["a"] }]]));
});

it("shows what is wrong with a field of the card at that field, before and after sending", async () => {
  const sent = show(aModel(), () => problem("rule", [{ code: "card_incomplete", detail: "say it", pointer: "/card/contact" }]));
  await userEvent.click(await screen.findByRole("button", { name: "Edit" }));
  await userEvent.type(dialog().getByLabelText("Languages"), "e");
  await userEvent.click(dialog().getByRole("button", { name: "Save" }));
  await waitFor(() => expect(dialog().getByLabelText("Languages").getAttribute("aria-invalid")).toBe("true"));
  expect(sent).toEqual([]);
  await userEvent.type(dialog().getByLabelText("Languages"), "n");
  await userEvent.click(dialog().getByRole("button", { name: "Save" }));
  await waitFor(() => expect(dialog().getByLabelText("Contact").getAttribute("aria-invalid")).toBe("true"));
});

it("offers no change to those who only see the model", async () => {
  show(aModel(), undefined, ["auditor"]);
  expect(await screen.findByText("Card")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Edit" })).toBeNull();
});
