import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { OwnSession, paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { meQuery } from "../lib/session.js";
import { aMe } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

const PROVIDER = `idp_${"a".repeat(32)}`;
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

beforeEach(() => sessionStorage.clear());
afterEach(() => chooseLanguage("en"));

async function openDialog() {
  await userEvent.click(await screen.findByRole("button", { name: /^Institution:/ }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Sign in to another institution…" }));
  return screen.findByRole("dialog");
}

describe("signing in to another institution", () => {
  it("offers the ways in of the institution that is named, and leaves for the one that is chosen", async () => {
    const asked: (string | null)[] = [];
    const sent: unknown[] = [];
    server.use(
      http.get("/api/v1/auth/providers", ({ request }) => {
        const name = new URL(request.url).searchParams.get("institution");
        asked.push(name);
        return HttpResponse.json({ providers: name === "eastcap" ? [{ id: PROVIDER, kind: "oidc", name: "East sign-on" }] : [] });
      }),
      http.post(paths.joinThroughProvider(), async ({ request }) => {
        sent.push({ csrf: request.headers.get("x-csrf-token"), body: await request.json() });
        return HttpResponse.json({ url: "#at-the-provider" });
      }),
    );
    renderRoute("/models");
    const dialog = await openDialog();
    const name = within(dialog).getByLabelText("Institution");
    expect(document.activeElement).toBe(name);
    await userEvent.type(name, "East Cap");
    expect(await within(dialog).findByText(/Nothing but email and password/)).toBeTruthy();
    // A name that is none is never asked for, and least of all as if it were the platform's own.
    expect(asked).toEqual([]);
    await userEvent.clear(name);
    await userEvent.type(name, "EastCap");
    await userEvent.click(await within(dialog).findByRole("button", { name: "Sign in through East sign-on" }));
    await waitFor(() => expect(sent).toEqual([{ csrf: "token-1", body: { providerId: PROVIDER } }]));
    expect(asked).toEqual(["eastcap"]);
    expect(sessionStorage.getItem("ziggurat.departed")).toBe(aMe().id);
  });

  it("says what the institution refuses", async () => {
    server.use(
      http.get("/api/v1/auth/providers", () => HttpResponse.json({ providers: [{ id: PROVIDER, kind: "saml", name: "East SAML" }] })),
      http.post(paths.joinThroughProvider(), () =>
        problem("conflict", [{ code: "institution_open", detail: "eastcap is open here already; sign out of it first" }]),
      ),
    );
    renderRoute("/models");
    const dialog = await openDialog();
    await userEvent.type(within(dialog).getByLabelText("Institution"), "eastcap");
    await userEvent.click(await within(dialog).findByRole("button", { name: "Sign in through East SAML" }));
    expect(await within(dialog).findByText(/eastcap is open here already/)).toBeTruthy();
    expect(sessionStorage.getItem("ziggurat.departed")).toBeNull();
  });

  it("takes a password as before, and leads to the field of the code where one is asked for", async () => {
    const sent: unknown[] = [];
    server.use(
      http.post(paths.joinSession(), async ({ request }) => {
        sent.push(await request.json());
        return problem("second_factor_required");
      }),
    );
    renderRoute("/models");
    const dialog = await openDialog();
    await userEvent.type(within(dialog).getByLabelText(/^Password/), "correct horse");
    await userEvent.click(within(dialog).getByRole("button", { name: "Sign in" }));
    const code = await within(dialog).findByLabelText("Code of your authenticator, or a recovery code");
    await waitFor(() => expect(document.activeElement).toBe(code));
    expect(sent).toEqual([{ email: "wei@ziggurat.example", password: "correct horse" }]);
  });
});

describe("other tabs", () => {
  it("are told by a tab that comes back from a provider as somebody else, and by none that comes back as it left", async () => {
    const told: unknown[] = [];
    const channel = new BroadcastChannel("ziggurat-session");
    channel.onmessage = ({ data }) => told.push(data);
    sessionStorage.setItem("ziggurat.departed", aMe().id);
    renderRoute("/models");
    await waitFor(() => expect(sessionStorage.getItem("ziggurat.departed")).toBeNull());
    sessionStorage.setItem("ziggurat.departed", `usr_${"9".repeat(32)}`);
    document.body.replaceChildren();
    renderRoute("/models");
    await waitFor(() => expect(told).toEqual(["changed"]));
    channel.close();
  });

  it("show nothing more of whom they belonged to once the cookie is somebody else's", async () => {
    const { queryClient } = renderRoute("/models");
    expect(await screen.findByRole("heading", { name: "Models" })).toBeTruthy();
    act(() => void queryClient.setQueryData(meQuery.queryKey, aMe({ id: `usr_${"9".repeat(32)}` as never })));
    expect(await screen.findByRole("dialog", { name: "Changed in another tab" })).toBeTruthy();
  });
});

describe("a trip to a provider that comes to nothing", () => {
  it("is told to somebody who is still signed in, with the way on to where they wanted to go", async () => {
    const { address } = renderRoute("/login?refused=already_linked&institution=northbank&next=%2Fmodels%3Ftier%3Dfinance");
    expect((await screen.findByRole("alert")).textContent).toContain("Somebody else signs in with this account");
    expect(screen.getByText(/still signed in as Wei Zhou/)).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Go on" }));
    expect(await screen.findByRole("heading", { name: "Models" })).toBeTruthy();
    expect(address()).toBe("/models?tier=finance");
  });

  it("does not hold up whoever then signs in", async () => {
    let isSignedIn = false;
    server.use(
      http.get(paths.me(), () => (isSignedIn ? HttpResponse.json(aMe()) : problem("unauthenticated"))),
      http.post(paths.login(), () => {
        isSignedIn = true;
        return HttpResponse.json({ csrfToken: "fresh" });
      }),
    );
    const { address } = renderRoute("/login?refused=state&next=%2Fmodels");
    await userEvent.type(await screen.findByLabelText(/Email/), "wei@ziggurat.example");
    await userEvent.type(screen.getByLabelText("Password"), "correct horse");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("heading", { name: "Models" })).toBeTruthy();
    expect(address()).toBe("/models");
  });
});

describe("a page that shows nothing else", () => {
  it.each<[string, Parameters<typeof aMe>[0]]>([
    ["for who must choose a password", { mustChangePassword: true }],
    ["for who has no rights", { scopes: [] }],
  ])("leads over to what is held beside it, and out of all: %s", async (_, over) => {
    await chooseLanguage("zh");
    const sent: unknown[] = [];
    let isOut = false;
    server.use(
      http.get(paths.me(), () => (isOut ? problem("unauthenticated") : HttpResponse.json(aMe(over)))),
      http.get(paths.ownSessions(), () => page([session("north", { isCurrent: true }), session("southern", {})])),
      http.post(paths.switchInstitution(), async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({ csrfToken: "x" });
      }),
      http.post(paths.logout(), () => {
        isOut = true;
        return new HttpResponse(null, { status: 204 });
      }),
    );
    renderRoute("/models");
    await userEvent.click(await screen.findByRole("button", { name: /^切换到 Bank of southern/ }));
    await waitFor(() => expect(sent).toEqual([{ institution: "southern" }]));
    expect(document.title).toContain("Ziggurat");
    await userEvent.click(screen.getByRole("button", { name: "退出登录" }));
    expect(await screen.findByRole("button", { name: "登录" })).toBeTruthy();
  });
});

it("does not pretend to be signed out while it is not", async () => {
  let isReachable = false;
  server.use(http.post(paths.logout(), () => (isReachable ? problem("unauthenticated") : HttpResponse.error())));
  renderRoute("/models");
  const leave = async () => {
    await userEvent.click(await screen.findByRole("button", { name: /Account of/ }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  };
  await leave();
  const dialog = await screen.findByRole("dialog", { name: "You are still signed in" });
  isReachable = true;
  vi.stubGlobal("scrollTo", () => undefined);
  server.use(http.get(paths.me(), () => problem("unauthenticated")));
  await userEvent.click(within(dialog).getByRole("button", { name: "Retry" }));
  // What has ended already is signed out of.
  expect(await screen.findByRole("button", { name: "Sign in" })).toBeTruthy();
  vi.unstubAllGlobals();
});
