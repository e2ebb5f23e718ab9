import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type Me, PersonAccess, paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aMe } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, server } from "../test/server.js";

afterEach(() => chooseLanguage("en"));

const at = "2026-11-24T12:00:00.000Z";
const nora = PersonAccess.parse({
  user: `usr_${"1".padStart(32, "0")}`,
  name: "Nora",
  email: "nora@northbank.example",
  institution: "northbank",
  roles: ["institution_member", "auditor"],
  customRoles: [],
  tiers: [],
  service: null,
  since: at,
  granted: { by: "Ada Admin", at },
  scopes: [
    { scope: "models:write", because: ["institution_member"] },
    { scope: "audit:read", because: ["auditor"] },
  ],
  deeds: [{ tier: "institution", deed: "contribute", because: ["institution_member"] }],
  credentials: {
    hasSecondFactor: true,
    passkeys: 1,
    sessions: 1,
    lastSeenAt: null,
    tokens: [{ id: `tok_${"2".padStart(32, "0")}`, name: "ci", scopes: ["models:read"], createdAt: at, expiresAt: at, lastUsedAt: null }],
  },
});
const token = nora.credentials?.tokens[0];

/** The review of northbank as somebody of these roles sees it; answers what was asked and done. */
function show(people: readonly PersonAccess[], roles: Me["roles"] = ["institution_admin"], at = "/access-review") {
  const asked: string[] = [];
  server.use(
    http.get(paths.me(), () =>
      HttpResponse.json(aMe({ roles, scopes: ["audit:read"], institution: { slug: "northbank", name: "Northbank" } })),
    ),
    http.get(paths.accessReview(), ({ request }) => {
      asked.push(`GET ${new URL(request.url).search}`);
      return page(people);
    }),
    http.delete(paths.memberToken("northbank", nora.user, token?.id ?? ""), () => {
      asked.push("DELETE token");
      return new HttpResponse(null, { status: 204 });
    }),
    http.patch(paths.member("northbank", nora.user), async ({ request }) => {
      asked.push(`PATCH ${JSON.stringify(await request.json())}`);
      return HttpResponse.json({ id: nora.user, name: nora.name, email: nora.email, roles: ["auditor"], createdAt: nora.since });
    }),
  );
  renderRoute(at);
  return asked;
}
const dialog = () => within(screen.getByRole("dialog"));

it("says who can do what and which role makes it so, in both languages", async () => {
  show([nora]);
  const table = within(await screen.findByRole("table", { name: "Access review" }));
  await userEvent.click(table.getByText("3 rights"));
  const rights = table.getAllByRole("listitem").map((item) => item.textContent);
  expect(rights).toEqual(
    expect.arrayContaining([expect.stringMatching(/^models:write .*member/i), expect.stringMatching(/^audit:read .*auditor/i)]),
  );
  expect(rights.some((text) => text?.startsWith("contribute to"))).toBe(true);
  expect(table.getByText(/Ada Admin/)).toBeTruthy();
  await chooseLanguage("zh");
  expect(await screen.findByText("3 项权利")).toBeTruthy();
});

it("is narrowed by role and scope", async () => {
  const asked = show([nora]);
  await screen.findByText("nora@northbank.example");
  await userEvent.selectOptions(screen.getByLabelText("Scope"), "audit:read");
  await waitFor(() => expect(asked.at(-1)).toContain("filter%5Bscope%5D=audit%3Aread"));
});

it("revokes a token after saying what that does, and changes roles in place", async () => {
  const asked = show([nora]);
  await userEvent.click(await screen.findByRole("button", { name: "Revoke token ci of Nora" }));
  expect(dialog().getByText(/refused from now on/)).toBeTruthy();
  await userEvent.click(dialog().getByRole("button", { name: "Revoke" }));
  await waitFor(() => expect(asked).toContain("DELETE token"));
  await waitFor(() => expect(asked.at(-1)).toContain("GET"));
  await userEvent.click(screen.getByRole("button", { name: "Change roles of Nora" }));
  await userEvent.click(dialog().getByRole("checkbox", { name: /member/i }));
  await userEvent.click(dialog().getByRole("button", { name: "Save" }));
  await waitFor(() => expect(asked).toContain('PATCH {"roles":["auditor"],"customRoles":[]}'));
});

it("offers an auditor nothing to change, and of another institution no tokens", async () => {
  show([{ ...nora, credentials: null }], ["auditor"], "/access-review?inst=southbank");
  expect(await screen.findByText("the institution's own business")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Revoke|Change roles/ })).toBeNull();
  expect(screen.getByRole("heading", { name: "Access review of southbank" })).toBeTruthy();
});
