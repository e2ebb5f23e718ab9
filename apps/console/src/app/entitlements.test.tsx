import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Entitlement, GrantEntitlement, Institution, LineAccess, type Me, paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aMe, aModel } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

afterEach(() => chooseLanguage("en"));

const at = "2026-11-24T12:00:00.000Z";
const northbank = Institution.parse({
  id: `ins_${"1".padStart(32, "0")}`,
  slug: "northbank",
  name: "Northbank",
  region: "EU",
  state: "active",
  members: 2,
  models: 3,
  createdAt: at,
});
const granted = Entitlement.parse({
  id: `ent_${"1".padStart(32, "0")}`,
  institution: "northbank",
  subject: "finance/base",
  tier: "finance",
  rights: ["see", "derive"],
  maxTaskModels: 5,
  scenarios: ["risk"],
  startsAt: at,
  endsAt: "2027-11-24T12:00:00.000Z",
  state: "in_force",
  reason: "contract 7",
  grantedBy: "Ada Admin",
  grantedAt: at,
  endedAt: null,
  endedBy: null,
  endReason: null,
  suspendedBy: null,
  taskModels: 2,
});
const dialog = () => within(screen.getByRole("dialog"));

/** The page of an institution with these entitlements; answers what was sent. */
function institutionPage(entitlements: readonly Entitlement[], roles: Me["roles"] = ["platform_admin"], refusal?: () => Response) {
  const sent: unknown[] = [];
  server.use(
    http.get(paths.me(), () => HttpResponse.json(aMe({ roles }))),
    http.get(paths.institution("northbank"), () => HttpResponse.json(northbank)),
    http.get(paths.members("northbank"), () => page([])),
    http.get(paths.models(), () => page([])),
    http.get(paths.entitlements("northbank"), () => page(entitlements)),
    http.post(paths.entitlements("northbank"), async ({ request }) => {
      sent.push(GrantEntitlement.parse(await request.json()));
      return refusal?.() ?? HttpResponse.json(granted, { status: 201 });
    }),
    http.post(paths.entitlementEnd("northbank", granted.id), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ ...granted, state: "ended", endedAt: at, endedBy: "Ada Admin", endReason: "over" });
    }),
  );
  renderRoute("/institutions/northbank?tab=entitlements");
  return sent;
}

it("shows what an institution may do, in both languages, and offers its people no way to change it", async () => {
  const recalled = { ...granted, id: Entitlement.shape.id.parse(`ent_${"2".padStart(32, "0")}`), subject: "finance/base@3" };
  institutionPage(
    [granted, { ...recalled, state: "suspended", suspendedBy: `rec_${"3".padStart(32, "0")}` as never }],
    ["institution_admin"],
  );
  const table = within(await screen.findByRole("table", { name: "Entitlements" }));
  for (const text of ["see · derive", "2 of 5", "risk", "in force", "suspended by a recall"]) {
    expect(table.getAllByText(new RegExp(text, "i")).length, text).toBeGreaterThan(0);
  }
  expect(table.getByRole("link", { name: "finance/base@3" })).toHaveProperty("pathname", "/models/finance/base/v/3");
  expect(screen.queryByRole("button", { name: /Grant|End/ })).toBeNull();
  await chooseLanguage("zh");
  expect(await screen.findByText("因召回中止")).toBeTruthy();
});

it("grants a line with its limits, and shows the rule that stands against it", async () => {
  const overlap = { code: "entitlement_overlap", detail: "ent_1 covers finance/base in that time; end it first", pointer: "/subject" };
  const sent = institutionPage([], ["platform_admin"], () => problem("rule", [overlap]));
  await userEvent.click(await screen.findByRole("button", { name: "Grant…" }));
  const grant = dialog().getByRole("button", { name: "Grant" });
  expect(grant).toHaveProperty("disabled", true);
  await userEvent.type(dialog().getByRole("textbox", { name: /Line or version/ }), "finance/base");
  await userEvent.click(dialog().getByRole("checkbox", { name: /Serve:/ }));
  expect(dialog().getByRole("checkbox", { name: /See:/ })).toHaveProperty("disabled", true);
  await userEvent.type(dialog().getByRole("textbox", { name: /Task models at most/ }), "5");
  await userEvent.click(dialog().getByRole("checkbox", { name: /Risk/i }));
  const lastDay = dialog().getByLabelText(/Last day/);
  await userEvent.type(lastDay, "2027-11-24");
  await userEvent.type(dialog().getByRole("textbox", { name: /Reason/ }), "contract 7");
  await userEvent.click(grant);
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]).toEqual({
    subject: "finance/base",
    rights: ["see", "derive"],
    maxTaskModels: 5,
    scenarios: ["risk"],
    endsAt: "2027-11-24T23:59:59.999Z",
    reason: "contract 7",
  });
  expect((await dialog().findByRole("alert")).textContent).toContain("end it first");
});

it("ends an entitlement only after its effect was read, a reason given and its name typed", async () => {
  const sent = institutionPage([granted]);
  await userEvent.click(await screen.findByRole("button", { name: "End the entitlement to finance/base" }));
  expect(dialog().getByText(/2 of its task models stand on the line/)).toBeTruthy();
  const end = dialog().getByRole("button", { name: "End now" });
  await userEvent.type(dialog().getByRole("textbox", { name: /finance\/base/ }), "finance/base");
  expect(end).toHaveProperty("disabled", true);
  await userEvent.type(dialog().getByRole("textbox", { name: /Reason/ }), "over");
  await userEvent.click(end);
  await waitFor(() => expect(sent).toEqual([{ reason: "over" }]));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

it("opens and closes a shared line for administrators, naming who would be left without a right", async () => {
  const model = aModel({ ref: "finance/base", namespace: "finance", slug: "base", tier: "finance" });
  const access = LineAccess.parse({
    model: "finance/base",
    isOpen: true,
    institutions: [
      { institution: "northbank", rights: ["see", "derive"], endsAt: null, taskModels: 2 },
      { institution: "eastbank", rights: [], endsAt: null, taskModels: 1 },
    ],
  });
  const sent: unknown[] = [];
  server.use(
    http.get(paths.me(), () => HttpResponse.json(aMe({ roles: ["platform_admin"] }))),
    http.get(paths.model(model.ref), () => HttpResponse.json(model)),
    http.get(paths.versions(model.ref), () => page([])),
    http.get(paths.aliasProposalsOf(model.ref), () => page([])),
    http.get(paths.lineAccess(model.ref), () => HttpResponse.json(access)),
    http.put(paths.lineAccess(model.ref), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ ...access, isOpen: false });
    }),
  );
  renderRoute(`/models/${model.ref}`);
  await screen.findByText("open to every institution");
  await userEvent.click(screen.getByRole("button", { name: "Close…" }));
  expect(dialog().getByText(/eastbank stands on it and has no right to derive/)).toBeTruthy();
  await userEvent.type(dialog().getByRole("textbox", { name: /Reason/ }), "licensed");
  await userEvent.click(dialog().getByRole("button", { name: "Close…" }));
  await waitFor(() => expect(sent).toEqual([{ isOpen: false, reason: "licensed" }]));
});
