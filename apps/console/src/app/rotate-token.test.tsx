import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { CreatedToken, paths, Token } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { aMe } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, server } from "../test/server.js";

const at = "2027-02-24T12:00:00.000Z";
const token = Token.parse({
  id: `tok_${"1".padStart(32, "0")}`,
  name: "ci",
  scopes: ["models:read"],
  createdAt: at,
  expiresAt: at,
  lastUsedAt: null,
  lastUsedFrom: null,
});

it("rotates a token after the overlap was chosen, and shows the new secret this once", async () => {
  const sent: unknown[] = [];
  server.use(
    http.get(paths.me(), () => HttpResponse.json(aMe())),
    http.get(paths.tokens(), () => page([token])),
    http.get(paths.passkeys(), () => HttpResponse.json({ data: [], host: "localhost" })),
    http.get(paths.secondFactor(), () => HttpResponse.json({ isOn: false, since: null, recoveryCodes: 0 })),
    http.post(paths.tokenRotation(token.id), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json(CreatedToken.parse({ ...token, secret: "zig_the-new-secret" }), { status: 201 });
    }),
  );
  renderRoute("/settings");
  await userEvent.click(await screen.findByRole("button", { name: "Rotate ci" }));
  const dialog = () => within(screen.getByRole("dialog"));
  await userEvent.selectOptions(dialog().getByLabelText("The old secret still works for"), "72 hours");
  await userEvent.click(dialog().getByRole("button", { name: "Rotate" }));
  await waitFor(() => expect(sent).toEqual([{ overlapHours: 72 }]));
  expect(await dialog().findByText("zig_the-new-secret")).toBeTruthy();
  await userEvent.click(dialog().getByRole("button", { name: "Done" }));
  expect(screen.queryByText("zig_the-new-secret")).toBeNull();
});
