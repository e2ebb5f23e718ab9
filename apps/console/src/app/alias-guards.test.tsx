import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type AliasProposal, type AliasProtection, paths, type Version } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aModel, aProtection, aVersion } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

afterEach(() => chooseLanguage("en"));

const at = "2026-11-24T12:00:00.000Z";
const model = "finance/ledger";
const aNumbered = (number: number, state: Version["state"]) =>
  aVersion({ number, state, id: aVersion().id.replace(/.$/, String(number)) as Version["id"] });
const proposal: AliasProposal = {
  id: `apr_${"1".padStart(32, "0")}` as AliasProposal["id"],
  model: aModel().ref,
  name: "champion",
  change: { kind: "move", version: 2 },
  reason: "scores higher",
  state: "pending",
  proposedBy: "Bo Lin",
  proposedAt: at,
  decision: null,
  mayApprove: true,
  mayWithdraw: true,
};

/** Opens the model's page; answers what was sent, with the condition it was sent under. */
function show(protection: Partial<AliasProtection> = {}, proposals: readonly AliasProposal[] = []) {
  const sent: unknown[] = [];
  const alias = { name: "champion", version: `${model}@1`, movedAt: at, movedBy: "Wei Zhou", reason: "" };
  server.use(
    http.get(paths.model(model), () => HttpResponse.json(aModel({ aliases: { champion: aVersion().ref } }))),
    http.get(paths.versions(model), () => page([aNumbered(3, "sealed"), aNumbered(2, "released"), aNumbered(1, "released")])),
    http.get(paths.alias(model, "champion"), () => HttpResponse.json(alias, { headers: { etag: '"seen"' } })),
    http.get(paths.aliasProtection(model, "champion"), () => HttpResponse.json(aProtection(protection))),
    http.get(paths.aliasProposalsOf(model), () => page(proposals)),
    http.put(paths.alias(model, "champion"), async ({ request }) => {
      sent.push([await request.json(), request.headers.get("if-match")]);
      return HttpResponse.json(alias);
    }),
    http.put(paths.aliasProtection(model, "champion"), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(aProtection());
    }),
    http.post(paths.aliasProposals(model, "champion"), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(proposal, { status: 201 });
    }),
    ...(["approve", "withdraw"] as const).map((action) =>
      http.post(paths.aliasProposalAction(model, "champion", proposal.id, action), async ({ request }) => {
        sent.push([action, await request.json()]);
        return HttpResponse.json(proposal);
      }),
    ),
  );
  renderRoute("/models/finance/ledger");
  return sent;
}
const dialog = () => within(screen.getByRole("dialog"));

it("moves a name to a released version with a reason, and only from where its reader saw it", async () => {
  const sent = show();
  await userEvent.click(await screen.findByRole("button", { name: "Move champion" }));
  const choice = await dialog().findByLabelText("Released version");
  await waitFor(() =>
    expect(
      within(choice)
        .getAllByRole("option")
        .map(({ textContent }) => textContent),
    ).toEqual(["v2", "v1"]),
  );
  expect(dialog().getByRole("button", { name: "Move" })).toHaveProperty("disabled", true);
  await userEvent.type(dialog().getByLabelText(/Reason/), "scores higher");
  await waitFor(() => expect(dialog().getByRole("button", { name: "Move" })).toHaveProperty("disabled", false));
  await userEvent.click(dialog().getByRole("button", { name: "Move" }));
  await waitFor(() => expect(sent).toEqual([[{ version: 2, reason: "scores higher" }, '"seen"']]));
});

it("proposes where a second person is needed, and says so before", async () => {
  const sent = show({ secondPerson: true });
  expect(await screen.findByText("Protected: proposed by one and approved by another of platform engineer or platform admin")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Move champion" }));
  expect(await dialog().findByText(/What you send is a proposal/)).toBeTruthy();
  await userEvent.type(dialog().getByLabelText(/Reason/), "scores higher");
  await waitFor(() => expect(dialog().getByRole("button", { name: "Propose" })).toHaveProperty("disabled", false));
  await userEvent.click(dialog().getByRole("button", { name: "Propose" }));
  await waitFor(() => expect(sent).toEqual([{ change: { kind: "move", version: 2 }, reason: "scores higher" }]));
});

it("protects a name with at least one role and a reason", async () => {
  const sent = show();
  await userEvent.click(await screen.findByRole("button", { name: "Protect champion" }));
  const submit = () => dialog().getByRole("button", { name: "Protect" });
  await userEvent.click(await dialog().findByLabelText("platform engineer"));
  await userEvent.type(dialog().getByLabelText(/Reason/), "four eyes");
  await userEvent.click(dialog().getByLabelText("platform admin"));
  expect(submit()).toHaveProperty("disabled", true);
  expect(dialog().getByText("Choose at least one role")).toBeTruthy();
  await userEvent.click(dialog().getByLabelText("platform admin"));
  await userEvent.click(dialog().getByLabelText("Every change needs a second person's approval"));
  await userEvent.click(submit());
  await waitFor(() => expect(sent).toEqual([{ roles: ["platform_admin"], secondPerson: true, reason: "four eyes" }]));
});

it("shows what waits; the second person approves it, and taking it back says why", async () => {
  const sent = show({ secondPerson: true }, [proposal]);
  const waiting = within(await screen.findByRole("region", { name: "Waiting for approval" }));
  expect(waiting.getByText("champion to v2")).toBeTruthy();
  expect(waiting.getByText("scores higher")).toBeTruthy();
  await userEvent.click(waiting.getByRole("button", { name: "Withdraw" }));
  expect(dialog().getByRole("button", { name: "Withdraw" })).toHaveProperty("disabled", true);
  await userEvent.click(dialog().getByRole("button", { name: "Cancel" }));
  await userEvent.click(waiting.getByRole("button", { name: "Approve" }));
  await userEvent.click(dialog().getByRole("button", { name: "Approve" }));
  await waitFor(() => expect(sent).toEqual([["approve", { reason: "" }]]));
});

it("offers nothing to those who may not", async () => {
  show({ mayChange: false }, [{ ...proposal, mayApprove: false, mayWithdraw: false }]);
  await screen.findByText("champion to v2");
  for (const name of ["Move champion", "Protect champion", "Approve", "Withdraw"])
    expect(screen.queryByRole("button", { name })).toBeNull();
});

it("words a refusal in Chinese", async () => {
  await chooseLanguage("zh");
  show({ secondPerson: true }, [proposal]);
  server.use(
    http.post(paths.aliasProposalAction(model, "champion", proposal.id, "approve"), () =>
      problem("denied", [{ code: "same_person", detail: "you proposed it yourself" }]),
    ),
  );
  await userEvent.click(await screen.findByRole("button", { name: "批准" }));
  await userEvent.click(dialog().getByRole("button", { name: "批准" }));
  expect(await dialog().findByText("这是您自己提出的，须由另一人同意")).toBeTruthy();
});
