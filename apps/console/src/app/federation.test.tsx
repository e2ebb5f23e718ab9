import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type IdentityProvider, paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { aMe } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

const ID = `idp_${"a".repeat(32)}`;
const provider: IdentityProvider = JSON.parse(
  JSON.stringify({
    id: ID,
    kind: "oidc",
    name: "North sign-on",
    issuer: "https://id.northbank.example",
    clientId: "ziggurat",
    scopes: ["openid", "profile", "email"],
    signInUrl: null,
    certificate: null,
    isEncryptionRequired: false,
    groupsClaim: "groups",
    mapping: [{ group: "staff", roles: ["institution_member"] }],
    isEnabled: true,
    isConfigured: false,
    people: 3,
    ours: {
      callbackUrl: `https://z.example/auth/oidc/${ID}/callback`,
      logoutUrl: `https://z.example/auth/oidc/${ID}/backchannel-logout`,
      signedOutUrl: `https://z.example/auth/oidc/${ID}/signed-out`,
      metadataUrl: null,
      encryptionCertificate: null,
      startUrl: `https://z.example/auth/oidc/${ID}/start`,
    },
    createdAt: "2026-11-01T00:00:00.000Z",
    updatedAt: "2026-11-01T00:00:00.000Z",
  }),
);
const institution = {
  id: `ins_${"b".repeat(32)}`,
  slug: "northbank",
  name: "North Bank",
  region: null,
  members: 1,
  models: 0,
  state: "active",
  createdAt: "2026-11-01T00:00:00.000Z",
};
const ownRole = {
  id: `rol_${"c".repeat(32)}`,
  name: "Bookkeeper",
  description: "",
  scopes: ["audit:read"],
  holders: 0,
  groups: 0,
  createdAt: "2026-11-01T00:00:00.000Z",
  createdBy: "Nora",
  changedAt: null,
};
const anAdmin = () =>
  aMe({
    institution: { slug: "northbank", name: "North Bank" },
    roles: ["institution_admin"],
    scopes: ["institutions:read", "institutions:write", "models:read"],
  });

describe("the sign-in page", () => {
  beforeEach(() => {
    localStorage.clear();
    server.use(http.get(paths.me(), () => problem("unauthenticated")));
  });

  it("shows the ways to sign in that an institution offers, remembers it, and takes the place along that was asked for", async () => {
    server.use(
      http.get("/api/v1/auth/providers", ({ request }) =>
        HttpResponse.json({
          providers:
            new URL(request.url).searchParams.get("institution") === "northbank" ? [{ id: ID, kind: "oidc", name: "North sign-on" }] : [],
        }),
      ),
    );
    renderRoute("/login?next=%2Fmodels%3Ftier%3Dfinance");
    await userEvent.type(await screen.findByLabelText(/Institution/), "NorthBank");
    await userEvent.click(screen.getByRole("button", { name: "Show what it offers" }));
    const link = await screen.findByRole("link", { name: "Sign in through North sign-on" });
    expect(link.getAttribute("href")).toBe(`/auth/oidc/${ID}/start?returnTo=%2Fmodels%3Ftier%3Dfinance`);
    expect(localStorage.getItem("ziggurat.institution")).toBe("northbank");
  });

  it("says that a name offers nothing but a password, the same for one that is not there", async () => {
    renderRoute("/login");
    await userEvent.type(await screen.findByLabelText(/Institution/), "nowhere");
    await userEvent.click(screen.getByRole("button", { name: "Show what it offers" }));
    expect(await screen.findByText(/Nothing but email and password/)).toBeTruthy();
  });

  it("says why a sign-in through a provider came to nothing, and passes over reasons that it does not know", async () => {
    renderRoute("/login?refused=account_exists&institution=northbank");
    expect((await screen.findByRole("alert")).textContent).toContain("There is an account with your address already");
    expect(screen.getByLabelText(/Institution/)).toHaveProperty("value", "northbank");
  });

  it("passes over a reason that it does not know", async () => {
    renderRoute("/login?refused=%3Cb%3Eevil");
    expect(await screen.findByRole("button", { name: "Sign in" })).toBeTruthy();
    expect(screen.queryByRole("alert")).toBeNull();
  });
});

it("tells somebody without any right so, and nothing else, until their groups have changed", async () => {
  let scopes: ("models:read" | "institutions:read")[] = [];
  server.use(http.get(paths.me(), () => HttpResponse.json(aMe({ roles: [], scopes, email: "ada@northbank.example" }))));
  renderRoute("/models");
  expect(await screen.findByRole("heading", { name: /may do nothing yet/ })).toBeTruthy();
  expect(screen.getByText(/ada@northbank.example/)).toBeTruthy();
  expect(screen.queryByRole("navigation")).toBeNull();
  scopes = ["models:read"];
  await userEvent.click(screen.getByRole("button", { name: "Look again" }));
  expect(await screen.findByRole("heading", { name: "Models" })).toBeTruthy();
});

it("lets somebody without any right sign out, here and at the provider they came from", async () => {
  let isIn = true;
  server.use(
    http.get(paths.me(), () => (isIn ? HttpResponse.json(aMe({ roles: [], scopes: [] })) : problem("unauthenticated"))),
    http.post(paths.logout(), () => {
      isIn = false;
      return HttpResponse.json({ provider: { name: "North sign-on", signOutPath: "/auth/oidc/idp_1/sign-out?ticket=t" } });
    }),
  );
  renderRoute("/models");
  await userEvent.click(await screen.findByRole("button", { name: "Sign out" }));
  expect(await screen.findByRole("link", { name: "Sign out at North sign-on as well" })).toBeTruthy();
  expect(screen.getByRole("button", { name: "Sign in" })).toBeTruthy();
});

describe("sign-in providers of an institution", () => {
  const sent: unknown[] = [];
  beforeEach(() => {
    sent.length = 0;
    server.use(
      http.get(paths.me(), () => HttpResponse.json(anAdmin())),
      http.get(paths.institution("northbank"), () => HttpResponse.json(institution)),
      http.get(paths.members("northbank"), () => page([])),
      http.get(paths.entitlements("northbank"), () => page([])),
      http.get(paths.roles("northbank"), () => page([ownRole])),
      http.get(paths.identityProviders("northbank"), () => page([provider])),
      http.patch(paths.identityProvider("northbank", ID), async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json(provider);
      }),
      http.post(paths.identityProviders("northbank"), async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json(provider, { status: 201 });
      }),
    );
  });

  it("are added with what the provider then has to know of us", async () => {
    renderRoute("/institutions/northbank?tab=sign-in");
    await userEvent.click(await screen.findByRole("button", { name: "Add a provider" }));
    const dialog = await screen.findByRole("dialog");
    const save = within(dialog).getByRole("button", { name: "Save" });
    await userEvent.type(within(dialog).getByLabelText(/^Name/), "North sign-on");
    const issuer = within(dialog).getByLabelText(/^Issuer/);
    await userEvent.type(issuer, "northbank{Tab}");
    within(dialog).getByText("Not a web address");
    await userEvent.clear(issuer);
    await userEvent.type(issuer, "https://id.northbank.example");
    await userEvent.type(within(dialog).getByLabelText(/^Client id/), "ziggurat");
    expect(save).toHaveProperty("disabled", true);
    await userEvent.type(within(dialog).getByLabelText(/^Client secret/), "hush");
    await userEvent.click(save);
    expect(await screen.findByText(provider.ours.callbackUrl)).toBeTruthy();
    expect(screen.queryByDisplayValue("hush")).toBeNull();
    expect(sent).toEqual([
      {
        kind: "oidc",
        name: "North sign-on",
        issuer: "https://id.northbank.example",
        clientId: "ziggurat",
        clientSecret: "hush",
        scopes: ["openid", "profile", "email"],
        groupsClaim: "groups",
      },
    ]);
  });

  it("are edited without their secret, which stays when none is typed", async () => {
    renderRoute("/institutions/northbank?tab=sign-in");
    await userEvent.click(await screen.findByRole("button", { name: "Edit North sign-on" }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByLabelText(/^Client secret/)).toHaveProperty("value", "");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]).not.toHaveProperty("clientSecret");
    expect(sent[0]).not.toHaveProperty("kind");
  });

  it("of SAML may be asked for encryption, and for another key, whose certificate is then shown", async () => {
    const certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
    const ours = { ...provider.ours, logoutUrl: null, signedOutUrl: null, encryptionCertificate: certificate };
    const saml = { ...provider, kind: "saml", clientId: null, scopes: [], signInUrl: "https://id.example/sso", certificate, ours };
    server.use(
      http.get(paths.identityProviders("northbank"), () => page([saml])),
      http.patch(paths.identityProvider("northbank", ID), async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({ ...saml, ours: { ...ours, encryptionCertificate: certificate.replace("AAAA", "BBBB") } });
      }),
    );
    renderRoute("/institutions/northbank?tab=sign-in");
    await userEvent.click(await screen.findByRole("button", { name: "Edit North sign-on" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("checkbox", { name: "Assertions must be encrypted" }));
    await userEvent.click(within(dialog).getByRole("checkbox", { name: "Make a new key to encrypt for" }));
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Encryption certificate")).toBeTruthy();
    expect(sent).toMatchObject([{ isEncryptionRequired: true, renewEncryptionKey: true }]);
  });

  it("give roles by groups, of which one is taken out and one added", async () => {
    renderRoute("/institutions/northbank?tab=sign-in");
    await userEvent.click(await screen.findByRole("button", { name: "Groups and roles of North sign-on" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Take out staff" }));
    await userEvent.click(within(dialog).getByRole("button", { name: "Add a group" }));
    await userEvent.type(within(dialog).getByLabelText("Group"), "checks");
    expect(within(dialog).queryByLabelText("platform administrator")).toBeNull();
    expect(within(dialog).getByRole("button", { name: "Save" })).toHaveProperty("disabled", true);
    await userEvent.click(within(dialog).getByLabelText(/auditor/i));
    await userEvent.click(await within(dialog).findByLabelText(/Bookkeeper/));
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(sent).toEqual([{ mapping: [{ group: "checks", roles: ["auditor"], customRoles: [ownRole.id] }] }]));
  });

  it("are tested, with what is wrong in words", async () => {
    server.use(
      http.post(paths.identityProviderCheck("northbank", ID), () =>
        HttpResponse.json({ isUsable: false, findings: [{ code: "provider_unreachable", detail: "it does not answer" }] }),
      ),
    );
    renderRoute("/institutions/northbank?tab=sign-in");
    await userEvent.click(await screen.findByRole("button", { name: "Test North sign-on" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText("It cannot be used like this")).toBeTruthy();
    expect(within(dialog).getByText("it does not answer")).toBeTruthy();
  });

  it("are disabled after it was said who is signed out", async () => {
    renderRoute("/institutions/northbank?tab=sign-in");
    await userEvent.click(await screen.findByRole("button", { name: "Disable North sign-on" }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText(/3 people who did are signed out/)).toBeTruthy();
    await userEvent.click(within(dialog).getByRole("button", { name: "Disable now" }));
    await waitFor(() => expect(sent).toEqual([{ isEnabled: false }]));
  });

  it("say why one that was disabled cannot be used again", async () => {
    server.use(
      http.get(paths.identityProviders("northbank"), () => page([{ ...provider, isEnabled: false }])),
      http.patch(paths.identityProvider("northbank", ID), () => problem("rule", [{ code: "no_sign_in", detail: "it names no address" }])),
    );
    renderRoute("/institutions/northbank?tab=sign-in");
    await userEvent.click(await screen.findByRole("button", { name: "Enable North sign-on" }));
    expect((await screen.findByRole("alert")).textContent).toContain("it names no address");
  });

  it("are nobody else's to see: not the operator's, not a member's", async () => {
    server.use(http.get(paths.me(), () => HttpResponse.json(aMe({ scopes: ["institutions:read", "institutions:write"] }))));
    renderRoute("/institutions/northbank?tab=sign-in");
    expect(await screen.findByRole("tab", { name: "Members" })).toBeTruthy();
    expect(screen.queryByRole("tab", { name: "Sign-in and directory" })).toBeNull();
    expect(screen.queryByRole("heading", { name: "Sign-in providers" })).toBeNull();
  });
});

describe("a command line at the door", () => {
  const asked = {
    name: "zig on laptop",
    address: "192.0.2.7",
    scopes: ["models:read"],
    withheld: ["admin"],
    institution: { slug: "northbank", name: "North Bank" },
    createdAt: "2026-11-29T22:00:00.000Z",
    expiresAt: "2026-11-29T22:10:00.000Z",
  };

  it("is let in by who knows its code, after they read what it asks for and as whom it would act", async () => {
    const sent: unknown[] = [];
    server.use(
      http.post(paths.deviceRequest(), async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json(asked);
      }),
      http.post(paths.deviceDecision(), async ({ request }) => {
        sent.push(await request.json());
        return new HttpResponse(null, { status: 204 });
      }),
    );
    renderRoute("/device?code=BCDF-GHJK");
    // Nothing happens by opening an address that somebody sent.
    expect(await screen.findByLabelText(/^Code/)).toHaveProperty("value", "BCDF-GHJK");
    expect(sent).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Look it up" }));
    expect(await screen.findByRole("heading", { name: "zig on laptop asks to be let in" })).toBeTruthy();
    expect(screen.getByText(/North Bank/)).toBeTruthy();
    expect(screen.getByText("192.0.2.7")).toBeTruthy();
    // The focus goes to what is to be read, and not by one more Enter to the yes.
    expect(document.activeElement?.textContent).toContain("192.0.2.7");
    await userEvent.click(screen.getByRole("button", { name: "Let it in" }));
    const said = await screen.findByText(/was let in/);
    expect(document.activeElement).toBe(said);
    expect(sent).toEqual([{ userCode: "BCDF-GHJK" }, { userCode: "BCDF-GHJK", decision: "approve" }]);
  });

  it("may be given up for another one, whatever became of the first", async () => {
    server.use(
      http.post(paths.deviceRequest(), () => HttpResponse.json(asked)),
      http.post(paths.deviceDecision(), () => problem("rule", [{ code: "user_code", detail: "no command line waits with this code" }])),
    );
    renderRoute("/device?code=BCDF-GHJK");
    await userEvent.click(await screen.findByRole("button", { name: "Look it up" }));
    await userEvent.click(await screen.findByRole("button", { name: "Turn it down" }));
    expect((await screen.findByRole("alert")).textContent).toContain("no command line waits");
    await userEvent.click(screen.getByRole("button", { name: "Another code" }));
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.queryByRole("heading", { name: /asks to be let in/ })).toBeNull();
    expect(document.activeElement).toBe(screen.getByLabelText(/^Code/));
    expect(screen.getByLabelText(/^Code/)).toHaveProperty("value", "");
  });

  it("is not looked up by a text that is no code, and a wrong code is said to be one", async () => {
    server.use(
      http.post(paths.deviceRequest(), () => problem("rule", [{ code: "user_code", detail: "no command line waits with this code" }])),
    );
    renderRoute("/device");
    await userEvent.type(await screen.findByLabelText(/^Code/), "ABC");
    expect(screen.getByRole("button", { name: "Look it up" })).toHaveProperty("disabled", true);
    await userEvent.clear(screen.getByLabelText(/^Code/));
    await userEvent.type(screen.getByLabelText(/^Code/), "bcdfghjk");
    await userEvent.click(screen.getByRole("button", { name: "Look it up" }));
    expect((await screen.findByRole("alert")).textContent).toContain("no command line waits");
  });
});
