import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Institution, paths, ServiceAccount } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { aDataset, aMe, aModel } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, server } from "../test/server.js";

const own = { slug: "northbank", name: "Northbank" };
const northbank = Institution.parse({
  ...{ id: `ins_${"1".padStart(32, "0")}`, ...own, region: null, members: 0, models: 0, state: "active" },
  createdAt: "2026-11-24T12:00:00.000Z",
});
const bank = (tab: string) => `/institutions/northbank?tab=${tab}`;

/** Every page whose list is begun by a button, empty. */
const PAGES: readonly (readonly [path: string, button: string, empty: RegExp])[] = [
  ["/models", "Register a model", /No model has been registered yet/],
  ["/models/finance/ledger", "New version", /This model has no version yet/],
  ["/datasets", "Register a dataset", /No dataset has been registered yet/],
  ["/datasets/northbank/intents", "Upload a version", /This dataset has no version yet/],
  ["/jobs", "New job", /No job has been requested yet/],
  ["/imports", "Choose a model", /Nothing has been imported yet/],
  ["/institutions", "Create an institution", /No institution has been created yet/],
  ["/prices", "Set a price…", /No price was set yet/],
  ["/settings", "Create a token", /You have no token yet/],
  [bank("members"), "Add a member", /has no member yet/],
  [bank("roles"), "Create a role", /No role was made here/],
  [bank("services"), "Create a service account", /No program works for this institution/],
  [bank("sign-in"), "Add a provider", /Nobody signs in through a provider yet/],
  [bank("entitlements"), "Grant…", /^Nothing was granted/],
];

it.each(PAGES)("%s, empty, offers one button: %s", async (path, button, empty) => {
  const roles = ["platform_admin", "platform_engineer", "institution_admin"] as const;
  const institution = path.startsWith("/institutions/") ? own : { slug: "platform", name: "Platform" };
  const model = aModel();
  server.use(
    http.get(paths.me(), () => HttpResponse.json(aMe({ roles: [...roles], institution }))),
    http.get(paths.institution("northbank"), () => HttpResponse.json(northbank)),
    http.get(paths.model(model.ref), () => HttpResponse.json(model)),
    http.get(paths.versions(model.ref), () => page([])),
    http.get(paths.lineAccess(model.ref), () => HttpResponse.json({ model: model.ref, isOpen: true, institutions: [] })),
    http.get(paths.dataset("northbank/intents"), () => HttpResponse.json(aDataset({ owner: institution.slug }))),
    http.get(paths.datasetVersions("northbank/intents"), () => page([])),
    http.get(paths.passkeys(), () => HttpResponse.json({ data: [], host: "localhost" })),
    http.get(paths.secondFactor(), () => HttpResponse.json({ isOn: false, since: null, recoveryCodes: 0 })),
  );
  renderRoute(path);
  const face = await screen.findByText(empty);
  const main = within(screen.getByRole("main"));
  const all = [...main.queryAllByRole("button", { name: button }), ...main.queryAllByRole("link", { name: button })];
  expect(all.map((each) => face.parentElement?.contains(each))).toEqual([true]);
});

it("gives whoever stood on the button in an empty list the list to go on in, once its first row is there", async () => {
  const account = ServiceAccount.parse({
    ...{ id: `sva_${"1".padStart(32, "0")}`, name: "nightly", purpose: "scores", isActive: true, roles: [], customRoles: [], tiers: [] },
    ...{ tokens: 0, lastUsedAt: null, createdAt: northbank.createdAt, createdBy: "Nora" },
    responsible: { id: `usr_${"1".padStart(32, "0")}`, name: "Nora" },
  });
  const accounts: ServiceAccount[] = [];
  server.use(
    http.get(paths.me(), () => HttpResponse.json(aMe({ roles: ["institution_admin"], institution: own }))),
    http.get(paths.institution("northbank"), () => HttpResponse.json(northbank)),
    http.get(paths.serviceAccounts("northbank"), () => page(accounts)),
    http.post(paths.serviceAccounts("northbank"), () => {
      accounts.push(account);
      return HttpResponse.json(account, { status: 201 });
    }),
  );
  renderRoute(bank("services"));
  await userEvent.click(await screen.findByRole("button", { name: "Create a service account" }));
  const dialog = within(screen.getByRole("dialog"));
  await userEvent.type(dialog.getByLabelText(/^Name/), "nightly");
  await userEvent.type(dialog.getByLabelText(/^Purpose/), "scores");
  await userEvent.click(dialog.getByRole("button", { name: "Save" }));
  const table = await screen.findByRole("table", { name: "Service accounts" });
  await waitFor(() => expect(document.activeElement?.contains(table)).toBe(true));
  expect(document.activeElement).not.toBe(document.body);
});
