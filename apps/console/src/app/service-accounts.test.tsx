import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { CreatedServiceToken, CustomRole, Institution, paths, ServiceAccount, ServiceToken } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { aMe } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, server } from "../test/server.js";

const at = "2027-02-24T12:00:00.000Z";
const own = { slug: "northbank", name: "Northbank" };
const northbank = Institution.parse({
  ...{ id: `ins_${"1".padStart(32, "0")}`, ...own, region: null, members: 0, models: 0, state: "active", createdAt: at },
});
const role = CustomRole.parse({
  ...{ id: `rol_${"1".padStart(32, "0")}`, name: "Reader", description: "", scopes: ["lineage:read"], holders: 1, groups: 0 },
  ...{ createdAt: at, createdBy: "Nora", changedAt: null },
});
const account = ServiceAccount.parse({
  ...{ id: `sva_${"1".padStart(32, "0")}`, name: "nightly", purpose: "scores", isActive: true, roles: ["auditor"], tiers: [], tokens: 1 },
  customRoles: [{ id: role.id, name: role.name }],
  responsible: { id: `usr_${"1".padStart(32, "0")}`, name: "Nora" },
  ...{ lastUsedAt: null, createdAt: at, createdBy: "Nora" },
});
const token = ServiceToken.parse({
  ...{ id: `tok_${"1".padStart(32, "0")}`, name: "ci", scopes: ["models:read"], createdAt: at, expiresAt: at },
  ...{ lastUsedAt: null, lastUsedFrom: null, madeBy: "Ned" },
});
const dialog = () => within(screen.getByRole("dialog"));

/** The bank's service accounts as its administrator sees them; answers what was sent. */
function servicesPage(path = "/institutions/northbank?tab=services") {
  const sent: unknown[] = [];
  const made = CreatedServiceToken.parse({ ...token, secret: "zig_the-new-secret" });
  server.use(
    http.get(paths.me(), () => HttpResponse.json(aMe({ roles: ["institution_admin", "auditor"], institution: own }))),
    http.get(paths.institution("northbank"), () => HttpResponse.json(northbank)),
    http.get(paths.roles("northbank"), () => page([role])),
    http.get(paths.serviceAccounts("northbank"), () => page([account])),
    http.get(paths.serviceTokens("northbank", account.id), () => page([token])),
    http.post(paths.serviceTokens("northbank", account.id), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(made, { status: 201 });
    }),
    http.post(paths.serviceTokenRotation("northbank", account.id, token.id), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(made, { status: 201 });
    }),
    http.delete(paths.serviceToken("northbank", account.id, token.id), () => {
      sent.push("DELETE");
      return new HttpResponse(null, { status: 204 });
    }),
    http.delete(paths.serviceAccount("northbank", account.id), () => {
      sent.push("DELETE account");
      return new HttpResponse(null, { status: 204 });
    }),
  );
  return { sent, ...renderRoute(path) };
}

it("makes a token for a program with an end and with scopes that its roles give, its institution's own among them", async () => {
  const { sent, address } = servicesPage();
  await userEvent.click(await screen.findByRole("button", { name: "Tokens of nightly" }));
  const tokens = within(await screen.findByRole("region", { name: "Tokens of nightly" }));
  expect(address()).toContain(`sel=${account.id}`);
  await tokens.findByText("Ned");
  await userEvent.click(tokens.getByRole("button", { name: "Create a token" }));
  await userEvent.type(dialog().getByLabelText(/^Name/), "evening");
  await userEvent.click(await dialog().findByRole("checkbox", { name: "lineage:read" }));
  expect(dialog().queryByRole("checkbox", { name: "institutions:write" })).toBeNull();
  await userEvent.selectOptions(dialog().getByLabelText("Lasts for"), "30 days");
  await userEvent.click(dialog().getByRole("button", { name: "Create a token" }));
  expect(await dialog().findByText("zig_the-new-secret")).toBeTruthy();
  expect(sent).toMatchObject([{ name: "evening", scopes: ["lineage:read"] }]);
  await userEvent.click(dialog().getByRole("button", { name: "Done" }));
  await userEvent.click(tokens.getByRole("button", { name: "Close" }));
  expect(screen.queryByRole("region", { name: "Tokens of nightly" })).toBeNull();
});

it("rotates a program's token after the overlap was chosen, and revokes one after its name was typed", async () => {
  const { sent } = servicesPage(`/institutions/northbank?tab=services&sel=${account.id}`);
  await userEvent.click(await screen.findByRole("button", { name: "Rotate ci" }));
  await userEvent.selectOptions(dialog().getByLabelText("The old secret still works for"), "1 hour");
  await userEvent.click(dialog().getByRole("button", { name: "Rotate" }));
  await userEvent.click(await dialog().findByRole("button", { name: "Done" }));
  await userEvent.click(screen.getByRole("button", { name: "Revoke ci" }));
  expect(sent).toEqual([{ overlapHours: 1 }]);
  const revoke = dialog().getByRole("button", { name: "Revoke" });
  expect(revoke).toHaveProperty("disabled", true);
  await userEvent.type(dialog().getByRole("textbox"), "ci");
  await userEvent.click(revoke);
  await waitFor(() => expect(sent).toEqual([{ overlapHours: 1 }, "DELETE"]));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

it("takes a program away with its tokens only after its name was typed", async () => {
  const { sent } = servicesPage();
  await userEvent.click(await screen.findByRole("button", { name: "Change nightly" }));
  await userEvent.click(dialog().getByRole("button", { name: "Remove service account" }));
  expect(dialog().getByText(/all of its tokens are refused/)).toBeTruthy();
  await userEvent.type(dialog().getByRole("textbox"), "nightly");
  await userEvent.click(dialog().getByRole("button", { name: "Remove service account" }));
  await waitFor(() => expect(sent).toEqual(["DELETE account"]));
});
