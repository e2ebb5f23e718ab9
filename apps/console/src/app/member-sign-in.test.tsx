import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { LinkedIdentity, type Member, paths, type WaysIn } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aMe } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

const at = "2026-11-24T12:00:00.000Z";
const id = (prefix: string, digit: string) => `${prefix}_${digit.repeat(32)}`;
const institution = {
  id: id("ins", "3"),
  slug: "northbank",
  name: "North Bank",
  region: null,
  members: 2,
  models: 0,
  state: "active",
  createdAt: at,
};
const member = (digit: string, name: string) =>
  ({
    id: id("usr", digit),
    email: `${name.toLowerCase()}@northbank.example`,
    name,
    roles: ["institution_member"],
    customRoles: [],
    tiers: [],
    createdAt: at,
  }) as unknown as Member;
const provider = {
  id: id("idp", "4"),
  kind: "oidc",
  name: "North sign-on",
  issuer: "https://id.northbank.example",
  clientId: "z",
  scopes: [],
  signInUrl: null,
  certificate: null,
  groupsClaim: "groups",
  mapping: [],
  isEnabled: true,
  isConfigured: false,
  people: 0,
  isEncryptionRequired: false,
  ours: { callbackUrl: "", logoutUrl: "", signedOutUrl: "", metadataUrl: null, encryptionCertificate: null, startUrl: "" },
  createdAt: at,
  updatedAt: at,
};
const LIN = member("2", "Lin");
let ways: WaysIn;
let linked: LinkedIdentity[];
let sent: unknown[];

beforeEach(() => {
  ways = { hasPassword: true, mustChangePassword: false, hasApp: false, passkeys: 0 };
  linked = [];
  sent = [];
  const me = aMe({
    id: id("usr", "1") as Member["id"],
    roles: ["institution_admin"],
    institution: { slug: "northbank", name: "North Bank" },
  });
  server.use(
    http.get(paths.me(), () => HttpResponse.json(me)),
    http.get(paths.institution("northbank"), () => HttpResponse.json(institution)),
    http.get(paths.members("northbank"), () => page([member("1", "Nora"), LIN])),
    http.get(paths.entitlements("northbank"), () => page([])),
    http.get(paths.identityProviders("northbank"), () => page([provider])),
    http.get(paths.memberSignIn("northbank", LIN.id), () => HttpResponse.json(ways)),
    http.get(paths.memberIdentities("northbank", LIN.id), () => HttpResponse.json({ data: linked })),
    http.post(paths.memberPassword("northbank", LIN.id), () => {
      sent.push("password");
      ways = { ...ways, hasPassword: true, mustChangePassword: true };
      return HttpResponse.json({ oneTimePassword: "k3tz-9mfw-p2xa" }, { status: 201 });
    }),
    http.post(paths.memberIdentities("northbank", LIN.id), async ({ request }) => {
      const body = Object(await request.json());
      sent.push(body);
      linked = [
        LinkedIdentity.parse({
          id: id("fid", "5"),
          providerId: provider.id,
          provider: provider.name,
          subject: body.subject,
          createdAt: at,
          lastUsedAt: null,
        }),
      ];
      return HttpResponse.json({ data: linked }, { status: 201 });
    }),
    http.delete(`${paths.memberIdentities("northbank", LIN.id)}/:id`, ({ params }) => {
      sent.push(params.id);
      linked = [];
      return new HttpResponse(null, { status: 204 });
    }),
    http.delete(paths.memberSecondFactor("northbank", LIN.id), () => {
      sent.push("factor");
      ways = { ...ways, hasApp: false, passkeys: 0 };
      return new HttpResponse(null, { status: 204 });
    }),
  );
});
afterEach(() => chooseLanguage("en"));

async function open(name = "How Lin signs in") {
  renderRoute("/institutions/northbank?tab=members");
  await userEvent.click(await screen.findByRole("button", { name }));
  return screen.findByRole("dialog");
}

describe("how a member signs in", () => {
  it("is seen to for others, of one's own institution", async () => {
    await open();
    expect(screen.queryByRole("button", { name: "How Nora signs in" })).toBeNull();
    server.use(http.get(paths.me(), () => HttpResponse.json(aMe())));
    document.body.replaceChildren();
    renderRoute("/institutions/northbank?tab=members");
    expect(await screen.findByRole("button", { name: "Change roles of Lin" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "How Lin signs in" })).toBeNull();
  });

  it("gets a one-time password, after the effect was read: shown once, copied with one key, and gone", async () => {
    const user = userEvent.setup();
    await open();
    await user.click(await screen.findByRole("button", { name: "Give a one-time password" }));
    expect(screen.getByText(/Lin is signed out everywhere/)).toBeTruthy();
    expect(sent).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Give a one-time password" }));
    expect(await screen.findByText("k3tz-9mfw-p2xa")).toBeTruthy();
    expect(screen.getByText(/of lin@northbank.example is shown this once/)).toBeTruthy();
    const copy = screen.getByRole("button", { name: "Copy one-time password" });
    expect(document.activeElement).toBe(copy);
    await user.keyboard("{Enter}");
    expect(await screen.findByRole("button", { name: "Copied" })).toBeTruthy();
    expect(await navigator.clipboard.readText()).toBe("k3tz-9mfw-p2xa");
    await user.click(screen.getByRole("button", { name: "Done" }));
    expect(await screen.findByText(/one-time password that must be replaced/)).toBeTruthy();
    expect([screen.queryByText("k3tz-9mfw-p2xa"), sent]).toEqual([null, ["password"]]);
  });

  it("is connected with an account at a provider, which is seen then, and disconnected again", async () => {
    await open();
    await userEvent.click(await screen.findByRole("button", { name: "Connect an account" }));
    const connect = screen.getByRole("button", { name: "Connect an account" });
    expect(connect).toHaveProperty("disabled", true);
    await userEvent.type(await screen.findByLabelText("Account at the provider"), " lin-there ");
    await userEvent.click(connect);
    expect(await screen.findByText("lin-there")).toBeTruthy();
    expect(sent).toEqual([{ providerId: provider.id, subject: "lin-there" }]);
    await userEvent.click(screen.getByRole("button", { name: "Disconnect lin-there at North sign-on" }));
    expect(screen.getByText(/sessions that were opened through it end/)).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Disconnect" }));
    expect(await screen.findByText("No account at a provider is connected.")).toBeTruthy();
    expect(sent[1]).toBe(id("fid", "5"));
  });

  it("says why an account cannot be connected", async () => {
    await chooseLanguage("zh");
    server.use(
      http.post(paths.memberIdentities("northbank", LIN.id), () =>
        problem("conflict", [{ code: "already_linked", detail: "somebody else signs in with this account already" }]),
      ),
    );
    await open("Lin 的登录方式");
    await userEvent.click(await screen.findByRole("button", { name: "关联账号" }));
    await userEvent.type(await screen.findByLabelText("提供方账号"), "lin-there");
    await userEvent.click(screen.getByRole("button", { name: "关联账号" }));
    expect((await screen.findByRole("alert")).textContent).toContain("已有其他人使用此账号登录");
  });

  it("is connected with nothing where the institution has no provider, and that is said", async () => {
    server.use(http.get(paths.identityProviders("northbank"), () => page([])));
    await open();
    await userEvent.click(await screen.findByRole("button", { name: "Connect an account" }));
    expect(await screen.findByText("The institution has no sign-in provider yet. Add one first.")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Connect an account" })).toHaveProperty("disabled", true);
  });

  it("loses a second factor that is lost, where there is one", async () => {
    ways = { ...ways, hasApp: true, passkeys: 2 };
    const dialog = await open();
    expect(await within(dialog).findByText("authenticator app · 2 passkeys")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Take the second factor off" }));
    await userEvent.click(screen.getByRole("button", { name: "Take the second factor off" }));
    expect(await screen.findByText("no second factor")).toBeTruthy();
    expect(sent).toEqual(["factor"]);
    expect(screen.queryByRole("button", { name: "Take the second factor off" })).toBeNull();
  });

  it("gives the focus back to where it was opened from, and shows what failed", async () => {
    server.use(http.get(paths.memberSignIn("northbank", LIN.id), () => HttpResponse.error()));
    const dialog = await open();
    expect(await within(dialog).findByRole("button", { name: "Retry" })).toBeTruthy();
    await userEvent.click(within(dialog).getAllByRole("button", { name: "Close" })[0] ?? dialog);
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: "How Lin signs in" })));
  });
});

it("copies by selection where the page has no clipboard, and says where even that is refused", async () => {
  Reflect.deleteProperty(navigator, "clipboard");
  const execCommand = vi.fn(
    () => document.activeElement instanceof HTMLTextAreaElement && document.activeElement.value === "k3tz-9mfw-p2xa",
  );
  Object.assign(document, { execCommand });
  renderRoute("/institutions/northbank?tab=members");
  fireEvent.click(await screen.findByRole("button", { name: "How Lin signs in" }));
  fireEvent.click(await screen.findByRole("button", { name: "Give a one-time password" }));
  fireEvent.click(screen.getByRole("button", { name: "Give a one-time password" }));
  fireEvent.click(await screen.findByRole("button", { name: "Copy one-time password" }));
  expect(document.activeElement).toBe(await screen.findByRole("button", { name: "Copied" }));
  execCommand.mockReturnValue(false);
  fireEvent.click(screen.getByRole("button", { name: "Copied" }));
  expect((await screen.findByRole("alert")).textContent).toContain("select it and copy it by hand");
  expect(document.querySelector("textarea")).toBeNull();
});
