import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { OwnSession, paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aMe } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

const at = "2026-11-24T12:00:00.000Z";
const sent: unknown[] = [];
const noted = async ({ request }: { request: Request }) => {
  sent.push(await request.json());
};
const dialog = () => within(screen.getByRole("dialog"));

beforeEach(() => {
  sent.length = 0;
  server.use(
    http.get(paths.passkeys(), () => HttpResponse.json({ data: [], host: "localhost" })),
    http.get(paths.secondFactor(), () => HttpResponse.json({ isOn: false, since: null, recoveryCodes: 0 })),
  );
});
afterEach(() => chooseLanguage("en"));

it("keeps recovery codes on the page until they are put away, although the page learns meanwhile that the second factor is on", async () => {
  let isOn = false;
  server.use(
    http.get(paths.secondFactor(), () => HttpResponse.json({ isOn, since: isOn ? at : null, recoveryCodes: isOn ? 10 : 0 })),
    http.post(paths.secondFactor(), () =>
      HttpResponse.json({ secret: "JBSWY3DPEHPK3PXP", uri: "otpauth://totp/Z:a?secret=JBSWY3DPEHPK3PXP" }),
    ),
    http.post(paths.secondFactorAct("confirm"), () => {
      isOn = true;
      return HttpResponse.json({ recoveryCodes: ["abcde-fghjk"] });
    }),
  );
  const { queryClient } = renderRoute("/settings");
  await userEvent.click(await screen.findByRole("button", { name: "Turn on the second factor" }));
  await userEvent.type(dialog().getByLabelText("Current password"), "secret words");
  await userEvent.click(dialog().getByRole("button", { name: "Next" }));
  const code = await dialog().findByLabelText("Code");
  expect(document.activeElement).toBe(code);
  await userEvent.type(code, "123456");
  await userEvent.click(dialog().getByRole("button", { name: "Turn on" }));
  expect(await dialog().findByText("abcde-fghjk")).toBeTruthy();
  // As when somebody comes back from their password manager.
  await queryClient.refetchQueries({ queryKey: [paths.secondFactor()] });
  expect(await screen.findByText("10 recovery codes left")).toBeTruthy();
  expect(dialog().getByText("abcde-fghjk")).toBeTruthy();
});

describe("somebody without a password", () => {
  beforeEach(() => server.use(http.get(paths.me(), () => HttpResponse.json(aMe({ hasPassword: false })))));

  it("is asked for none, and told what stands in for it", async () => {
    server.use(
      http.post(paths.secondFactor(), async (info) => {
        await noted(info);
        return problem("rule", [{ code: "session_old", detail: "sign in again, then do this within ten minutes" }]);
      }),
    );
    renderRoute("/settings");
    expect(await screen.findByText(/You have no password here: you come in through a provider/)).toBeTruthy();
    expect(await screen.findByText("No account at a provider is connected.")).toBeTruthy();
    await userEvent.click(await screen.findByRole("button", { name: "Turn on the second factor" }));
    expect(dialog().queryByLabelText("Current password")).toBeNull();
    expect(dialog().getByText(/signed in within the last ten minutes/)).toBeTruthy();
    await userEvent.click(dialog().getByRole("button", { name: "Next" }));
    expect(await dialog().findByText(/sign in again, then do this/)).toBeTruthy();
    expect(sent).toEqual([{}]);
  });

  it("connects another account at a provider", async () => {
    await chooseLanguage("zh");
    const id = `idp_${"a".repeat(32)}`;
    server.use(
      http.get("/api/v1/auth/providers", () => HttpResponse.json({ providers: [{ id, kind: "oidc", name: "North sign-on" }] })),
      http.post(paths.identities(), async (info) => {
        await noted(info);
        return HttpResponse.json({ url: "#there" }, { status: 201 });
      }),
    );
    renderRoute("/settings");
    await userEvent.click(await screen.findByRole("button", { name: "关联账号" }));
    expect(dialog().getByText(/您在此没有密码/)).toBeTruthy();
    await userEvent.click(dialog().getByRole("button", { name: /前往/ }));
    await waitFor(() => expect(sent).toEqual([{ providerId: id }]));
  });
});

it("puts the focus on the heading when a session was ended, whose row has gone", async () => {
  let rows = ["here", "elsewhere"].map((slug, n) =>
    OwnSession.parse({
      id: `ses_${String(n).repeat(32)}`,
      institution: { slug, name: `Bank of ${slug}` },
      email: "ann@people.example",
      isCurrent: n === 0,
      isHeld: n === 0,
      createdAt: at,
      lastSeenAt: at,
      expiresAt: at,
    }),
  );
  server.use(
    http.get(paths.ownSessions(), () => page(rows)),
    http.delete("/api/v1/me/sessions/:id", () => {
      rows = rows.slice(0, 1);
      return new HttpResponse(null, { status: 204 });
    }),
  );
  renderRoute("/settings");
  await userEvent.click(await screen.findByRole("button", { name: "End the session at Bank of elsewhere" }));
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Where you are signed in" })));
  expect(screen.queryByText("Bank of elsewhere")).toBeNull();
});
