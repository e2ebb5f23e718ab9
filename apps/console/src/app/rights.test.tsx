import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { CustomRole, OwnSession, paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aMe, aVersion } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, server } from "../test/server.js";

afterEach(() => chooseLanguage("en"));

const at = "2026-11-24T12:00:00.000Z";
const session = (slug: string, over: Partial<OwnSession>) =>
  OwnSession.parse({
    id: `ses_${slug.length.toString(16).padStart(32, "0")}`,
    institution: { slug, name: `Bank of ${slug}` },
    email: "ann@people.example",
    isCurrent: false,
    isHeld: true,
    createdAt: at,
    lastSeenAt: at,
    expiresAt: at,
    ...over,
  });

it("goes over to another institution that this browser holds open, and to no other", async () => {
  const sent: unknown[] = [];
  const held = [session("north", { isCurrent: true }), session("southern", {}), session("elsewhere", { isHeld: false })];
  server.use(
    http.get(paths.ownSessions(), () => page(held)),
    http.post(paths.switchInstitution(), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ csrfToken: "x" });
    }),
  );
  renderRoute("/settings");
  await userEvent.click(await screen.findByRole("button", { name: /^Institution:/ }));
  expect(screen.queryByRole("menuitem", { name: /elsewhere/ })).toBeNull();
  await userEvent.click(await screen.findByRole("menuitem", { name: /^Go over to Bank of southern/ }));
  await waitFor(() => expect(sent).toEqual([{ institution: "southern" }]));
});

it("says on a version who had a hand in it, and in the reader's language why the release is closed to them", async () => {
  await chooseLanguage("zh");
  const version = aVersion({
    state: "in_review",
    contributors: [{ name: "Ann", contributions: ["registered", "uploaded"], isViewer: true }],
    moves: [{ to: "released", allowed: false, reasons: ["you registered it yourself"], codes: ["own_registration"] }],
  });
  server.use(http.get(paths.version(version.ref), () => HttpResponse.json(version)));
  renderRoute("/models/finance/ledger/v/1");
  expect(await screen.findByText("登记 · 上传文件")).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "变更状态" }));
  expect(await screen.findByText("由您本人登记，须由他人批准")).toBeDefined();
});

it("shows whom a change of a role concerns before it is saved", async () => {
  const role = CustomRole.parse({
    id: `rol_${"1".padStart(32, "0")}`,
    name: "Approver",
    description: "",
    scopes: ["jobs:approve"],
    holders: 1,
    groups: 2,
    createdAt: at,
    createdBy: "Nora",
    changedAt: null,
  });
  const holder = { user: `usr_${"2".padStart(32, "0")}`, name: "Ned", isService: false, gains: [], loses: ["jobs:approve"] };
  const institution = {
    id: `ins_${"3".padStart(32, "0")}`,
    slug: "northbank",
    name: "North Bank",
    region: null,
    members: 1,
    models: 0,
    state: "active",
    createdAt: at,
  };
  const me = aMe({ roles: ["institution_admin"], institution: { slug: "northbank", name: "North Bank" } });
  server.use(
    http.get(paths.me(), () => HttpResponse.json(me)),
    http.get(paths.institution("northbank"), () => HttpResponse.json(institution)),
    http.get(paths.members("northbank"), () => page([])),
    http.get(paths.entitlements("northbank"), () => page([])),
    http.get(paths.roles("northbank"), () => page([role])),
    http.post(paths.rolePreview("northbank", role.id), () => HttpResponse.json({ holders: [holder] })),
  );
  renderRoute("/institutions/northbank?tab=roles");
  await userEvent.click(await screen.findByRole("button", { name: "Change Approver" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(await dialog.findByText("Ned")).toBeDefined();
  expect(dialog.getByText("− jobs:approve")).toBeDefined();
  expect(dialog.getByText(/^2 groups give it/)).toBeDefined();
  expect(dialog.getByRole("button", { name: "Remove role" })).toHaveProperty("disabled", true);
});
