import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Hold, type Me, paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aMe, aModel, aVersion } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, server } from "../test/server.js";

afterEach(() => chooseLanguage("en"));

const at = "2026-11-24T12:00:00.000Z";
const hold = Hold.parse({
  id: `hld_${"1".padStart(32, "0")}`,
  subject: { kind: "version", ref: "northbank/cards@3" },
  owner: "northbank",
  state: "in_force",
  reason: "case 12",
  reference: "2026-117",
  setAt: at,
  setBy: "Nora Admin",
  setFor: "northbank",
  lift: null,
  liftedAt: null,
  liftedBy: null,
  actions: ["ask_lift"],
});
const asked: Hold = {
  ...hold,
  state: "lift_asked",
  lift: { reason: "the case is closed", askedBy: "Nora Admin", askedAt: at },
  actions: ["confirm_lift", "withdraw_lift"],
};
const dialog = () => within(screen.getByRole("dialog"));

/** Answers what was sent, with how. */
function platform(holds: readonly Hold[], me: Partial<Me> = { scopes: ["audit:read", "holds:write"] }) {
  const sent: unknown[] = [];
  const note = async ({ request }: { request: Request }) => {
    const body = await request.text();
    sent.push([request.method, new URL(request.url).pathname, body === "" ? null : JSON.parse(body)]);
    return HttpResponse.json(hold);
  };
  server.use(
    http.get(paths.me(), () => HttpResponse.json(aMe(me))),
    http.get(paths.holds(), () => page(holds)),
    http.post(paths.holds(), note),
    http.post(paths.holdLift(hold.id), note),
    http.delete(paths.holdLift(hold.id), note),
    http.post(paths.holdLiftConfirm(hold.id), note),
  );
  return sent;
}

it("is set from the list with what it keeps, why, and its reference", async () => {
  const sent = platform([]);
  renderRoute("/holds");
  await screen.findByText("Nothing is or was on hold.");
  await userEvent.click(screen.getByRole("button", { name: "Hold…" }));
  await screen.findByRole("dialog");
  await userEvent.selectOptions(dialog().getByLabelText("What"), "model");
  await userEvent.type(dialog().getByLabelText("Subject"), "northbank");
  await userEvent.type(dialog().getByLabelText(/^Reason/), "case 12");
  const submit = dialog().getByRole("button", { name: "Set hold" });
  expect([submit, dialog().getByText("Write it like northbank/cards")].map((node) => "disabled" in node && node.disabled)).toEqual([
    true,
    false,
  ]);
  await userEvent.type(dialog().getByLabelText("Subject"), "/cards");
  await userEvent.type(dialog().getByLabelText(/^Reference/), "2026-117");
  await userEvent.click(submit);
  await waitFor(() =>
    expect(sent).toEqual([["POST", paths.holds(), { model: "northbank/cards", reason: "case 12", reference: "2026-117" }]]),
  );
});

it("ends by two words, each with what it does, and the request can be taken back", async () => {
  const sent = platform([hold, { ...asked, id: `hld_${"2".padStart(32, "0")}` as Hold["id"] }]);
  server.use(http.get(paths.holds(), () => page([hold])));
  renderRoute("/holds");
  await userEvent.click(await screen.findByRole("button", { name: "Ask to lift the hold on northbank/cards@3" }));
  expect(dialog().getByRole("button", { name: "Ask to lift" })).toHaveProperty("disabled", true);
  await userEvent.type(dialog().getByLabelText(/^Reason/), "the case is closed");
  server.use(http.get(paths.holds(), () => page([asked])));
  await userEvent.click(dialog().getByRole("button", { name: "Ask to lift" }));
  await userEvent.click(await screen.findByRole("button", { name: "Take back the request to lift the hold on northbank/cards@3" }));
  await userEvent.click(dialog().getByRole("button", { name: "Take back" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await userEvent.click(screen.getByRole("button", { name: "Confirm the lift of the hold on northbank/cards@3" }));
  expect(dialog().getByText("the case is closed")).toBeTruthy();
  await userEvent.click(dialog().getByRole("button", { name: "Confirm lift" }));
  await waitFor(() =>
    expect(sent).toEqual([
      ["POST", paths.holdLift(hold.id), { reason: "the case is closed" }],
      ["DELETE", paths.holdLift(hold.id), null],
      ["POST", paths.holdLiftConfirm(hold.id), null],
    ]),
  );
});

it("is read by auditors, who change nothing, in both languages", async () => {
  platform([{ ...asked, actions: [] }], { scopes: ["audit:read"] });
  renderRoute("/holds");
  expect(await screen.findByText("lift asked for")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Hold…" })).toBeNull();
  expect(screen.queryByRole("button", { name: /lift/ })).toBeNull();
  await chooseLanguage("zh");
  expect(await screen.findByText("已申请解除")).toBeTruthy();
});

it("shows on the version, where its owner's administrators may set one, and strangers may not", async () => {
  const northbank = { institution: { ...aMe().institution, slug: "northbank" } };
  platform([], { ...northbank, scopes: ["audit:read", "holds:write"] });
  const version = aVersion({ isHeld: true });
  server.use(
    http.get(paths.version(version.ref), () => HttpResponse.json(version)),
    http.get(paths.model(version.model), () => HttpResponse.json(aModel())),
  );
  renderRoute("/models/finance/ledger/v/1");
  expect(await screen.findByRole("link", { name: "on hold" })).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Hold…" })).toBeNull();
});
