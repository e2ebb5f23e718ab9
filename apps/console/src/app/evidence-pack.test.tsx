import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type Me, paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, expect, it, vi } from "vitest";
import { aMe, aModel, aVersion } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { server } from "../test/server.js";

const REF = "northbank/cards";
const NORTH = { id: "ins_00000000000000000000000000000001", slug: "northbank", name: "Northbank" };

function platform(me: Partial<Me>) {
  server.use(
    http.get(paths.me(), () => HttpResponse.json(aMe(me))),
    http.get(paths.model(REF), () => HttpResponse.json(aModel({ ref: REF, namespace: "northbank", slug: "cards", owner: "northbank" }))),
    http.get(paths.versions(REF), () => HttpResponse.json({ data: [], nextCursor: null })),
  );
}
afterEach(() => vi.restoreAllMocks());

it("a refusal is read in the dialog, and the pack is saved under the name of its question", async () => {
  platform({ institution: NORTH, roles: ["auditor"], scopes: ["models:read", "audit:read"] });
  const asked: string[] = [];
  server.use(
    http.get(paths.evidencePack(REF), ({ request }) => {
      const { searchParams } = new URL(request.url);
      asked.push(`${searchParams.get("alias")} ${searchParams.get("version")}`);
      if (searchParams.get("alias") === null) return HttpResponse.arrayBuffer(new ArrayBuffer(8));
      const errors = [{ code: "alias_unset", detail: "northbank/cards had no champion then", pointer: "/alias" }];
      const problem = { type: "t", title: "t", status: 422, detail: "d", instance: "i", code: "rule", requestId: "r", errors };
      return HttpResponse.json(problem, { status: 422, headers: { "content-type": "application/problem+json" } });
    }),
  );
  const saved: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download);
  });
  Object.assign(URL, { createObjectURL: () => "blob:pack", revokeObjectURL: () => undefined });
  renderRoute("/models/northbank/cards");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Evidence pack" }));
  await user.click(screen.getByRole("button", { name: "Save the pack" }));
  expect(await screen.findByText("northbank/cards had no champion then")).toBeTruthy();
  expect(saved).toEqual([]);
  const field = screen.getByRole("textbox", { name: /Alias or version number/ });
  await user.clear(field);
  await user.type(field, "4");
  await user.click(screen.getByRole("button", { name: "Save the pack" }));
  await vi.waitFor(() => expect(saved).toEqual([expect.stringMatching(/^northbank-cards-4-\d{8}T\d{6}Z\.tar$/)]));
  expect(asked).toEqual(["champion null", "null 4"]);
  expect(screen.queryByRole("dialog")).toBeNull();
});

it.each([
  ["without the right to read the audit log", { institution: NORTH, scopes: ["models:read"] }],
  ["of another institution", { institution: { ...NORTH, slug: "southbank" }, scopes: ["models:read", "audit:read"] }],
] satisfies [string, Partial<Me>][])("somebody %s is not offered a pack", async (_, me) => {
  platform(me);
  renderRoute("/models/northbank/cards");
  await screen.findByRole("heading", { level: 1, name: REF });
  expect(screen.queryByRole("button", { name: "Evidence pack" })).toBeNull();
});

it("is taken from a version's page about that very version", async () => {
  platform({ institution: NORTH, roles: ["auditor"], scopes: ["models:read", "audit:read"] });
  const version = aVersion({ ref: `${REF}@3`, model: REF, number: 3, owner: "northbank" });
  server.use(http.get(paths.version(`${REF}@3`), () => HttpResponse.json(version)));
  renderRoute("/models/northbank/cards/v/3");
  await userEvent.click(await screen.findByRole("button", { name: "Evidence pack" }));
  expect(screen.getByLabelText(/^Alias or version number/)).toHaveProperty("value", "3");
});
