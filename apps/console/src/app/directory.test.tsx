import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { aMe } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, server } from "../test/server.js";

const slug = "northbank";
const group = {
  id: `scg_${"1".repeat(32)}`,
  name: "Model people",
  externalId: null,
  members: 3,
  roles: ["auditor"],
  customRoles: [],
  tiers: [],
  createdAt: "2026-11-24T12:00:00.000Z",
};
const ownRole = {
  id: `rol_${"1".repeat(32)}`,
  name: "Bookkeeper",
  description: "",
  scopes: ["audit:read"],
  holders: 0,
  groups: 0,
  createdAt: "2026-11-01T12:00:00.000Z",
  createdBy: "Nora",
  changedAt: null,
};
const institution = {
  id: `ins_${"1".repeat(32)}`,
  slug,
  name: "Northbank",
  region: null,
  members: 4,
  models: 0,
  state: "active",
  createdAt: "2026-11-01T12:00:00.000Z",
};

function theInstitution(scopes: readonly string[]): void {
  server.use(
    http.get(paths.me(), () => HttpResponse.json({ ...aMe(), institution: { slug, name: "Northbank" }, scopes })),
    http.get(paths.institution(slug), () => HttpResponse.json(institution)),
    http.get(paths.members(slug), () => page([])),
    http.get(paths.models(), () => page([])),
    http.get(paths.entitlements(slug), () => page([])),
    http.get(paths.roles(slug), () => page([ownRole])),
    http.get(paths.scim(slug), () =>
      HttpResponse.json({ baseUrl: "https://z.example/scim/v2", lastUsedAt: null, lastToken: null, people: 3, groups: 1 }),
    ),
    http.get(paths.scimGroups(slug), () => page([group])),
  );
}

it("shows an institution's administrator where its directory comes in, and says whom a choice of roles concerns before it is made", async () => {
  const sent: unknown[] = [];
  theInstitution(["institutions:read", "institutions:write"]);
  server.use(
    http.put(paths.scimGroup(slug, group.id), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(group);
    }),
  );
  renderRoute(`/institutions/${slug}?tab=sign-in`);
  const panel = await screen.findByRole("region", { name: "Directory" });
  await within(panel).findByText("https://z.example/scim/v2");
  expect(within(panel).getByText("never")).toBeDefined();
  await userEvent.click(await within(panel).findByRole("button", { name: "Roles of the group Model people" }));
  const dialog = await screen.findByRole("dialog");
  const save = within(dialog).getByRole("button", { name: "Save" });
  expect(save).toHaveProperty("disabled", true);
  await userEvent.click(within(dialog).getByRole("checkbox", { name: /member/i }));
  await userEvent.click(within(dialog).getByRole("checkbox", { name: /auditor/i }));
  await userEvent.click(await within(dialog).findByRole("checkbox", { name: /Bookkeeper/ }));
  expect(within(dialog).getByText(/^3 members get at once: institution member · Bookkeeper$/)).toBeDefined();
  expect(within(dialog).getByText(/^3 members lose at once/)).toBeDefined();
  await userEvent.click(save);
  await waitFor(() => expect(sent).toEqual([{ roles: ["institution_member"], customRoles: [ownRole.id] }]));
});

it("shows nobody else the directory", async () => {
  theInstitution(["institutions:read"]);
  renderRoute(`/institutions/${slug}?tab=sign-in`);
  await screen.findByRole("region", { name: "Quota and budget" });
  expect(screen.queryByRole("tab", { name: "Sign-in and directory" })).toBeNull();
  expect(screen.queryByRole("region", { name: "Directory" })).toBeNull();
});
