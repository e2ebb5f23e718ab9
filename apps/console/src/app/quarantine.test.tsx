import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { paths, type Version } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aVersion } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { server } from "../test/server.js";

afterEach(() => chooseLanguage("en"));

/** Opens the version's page; answers what was sent to move it. */
function show(version: Partial<Version>): unknown[] {
  const sent: unknown[] = [];
  server.use(
    http.get(paths.version("finance/ledger@1"), () => HttpResponse.json(aVersion(version))),
    http.get(paths.versionInspection("finance/ledger@1"), () => HttpResponse.json({ version: "finance/ledger@1", inspection: null })),
    http.get(paths.lineage("finance/ledger@1"), () =>
      HttpResponse.json({
        focus: "finance/ledger@1",
        at: null,
        nodes: [],
        edges: [],
        counts: { ancestors: 0, descendants: 41, institutions: 3 },
        nextCursor: null,
      }),
    ),
    http.post(paths.transitions("finance/ledger@1"), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(aVersion({ state: "released" }));
    }),
  );
  renderRoute("/models/finance/ledger/v/1");
  return sent;
}
const move = (to: Version["state"]) => ({ to, allowed: true, reasons: [], codes: [] });

it("is lifted under its own name, with a reason", async () => {
  const sent = show({ state: "quarantined", moves: [move("deprecated"), move("recalled")] });
  await userEvent.click(await screen.findByRole("button", { name: "Move on" }));
  await userEvent.click(screen.getByRole("menuitem", { name: "Lift the quarantine" }));
  const confirm = await screen.findByRole("button", { name: "Lift the quarantine" });
  expect(confirm).toHaveProperty("disabled", true);
  // It keeps the end it had: none is asked for.
  expect(screen.queryByLabelText("Successor")).toBeNull();
  await userEvent.type(screen.getByLabelText(/Reason/), "restored");
  await userEvent.click(confirm);
  await waitFor(() => expect(sent).toEqual([{ to: "deprecated", reason: "restored" }]));
});

it("says why it is made, since the platform refuses one without a reason", async () => {
  const sent = show({ state: "released", moves: [move("quarantined")] });
  await userEvent.click(await screen.findByRole("button", { name: "Move on" }));
  await userEvent.click(screen.getByRole("menuitem", { name: "Quarantine" }));
  await userEvent.type(await screen.findByLabelText(/finance\/ledger@1/), "finance/ledger@1");
  const confirm = screen.getByRole("button", { name: "Quarantine" });
  expect(confirm).toHaveProperty("disabled", true);
  await userEvent.type(screen.getByLabelText(/Reason/), "answers are wrong");
  await userEvent.click(confirm);
  await waitFor(() => expect(sent).toEqual([{ to: "quarantined", reason: "answers are wrong" }]));
});
