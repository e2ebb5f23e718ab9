import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { aMe } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

describe("sign-in", () => {
  it("keeps the place for after sign-in and sends the CSRF token with the next write", async () => {
    let isSignedIn = false;
    let token: string | null = null;
    server.use(
      http.get(paths.me(), () => (isSignedIn ? HttpResponse.json(aMe({ csrfToken: "fresh" })) : problem("unauthenticated"))),
      http.post(paths.login(), () => {
        isSignedIn = true;
        return HttpResponse.json({ csrfToken: "fresh" });
      }),
      http.post(paths.logout(), ({ request }) => {
        token = request.headers.get("x-csrf-token");
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { address } = renderRoute("/models?tier=finance");
    await userEvent.type(await screen.findByLabelText(/Email/), "wei@ziggurat.example");
    await userEvent.type(screen.getByLabelText("Password"), "correct horse");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("heading", { name: "Models" })).toBeTruthy();
    expect(address()).toBe("/models?tier=finance");
    await userEvent.click(screen.getByRole("button", { name: /Account of/ }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Sign out" }));
    await waitFor(() => expect(token).toBe("fresh"));
    expect(await screen.findByRole("button", { name: "Sign in" })).toBeTruthy();
  });

  it("offers who came through a provider to sign out there as well, and says so when they have", async () => {
    let isSignedIn = true;
    server.use(
      http.get(paths.me(), () => (isSignedIn ? HttpResponse.json(aMe()) : problem("unauthenticated"))),
      http.post(paths.logout(), () => {
        isSignedIn = false;
        return HttpResponse.json({ provider: { name: "North sign-on", signOutPath: "/auth/oidc/idp_1/sign-out?ticket=t" } });
      }),
    );
    renderRoute("/models");
    await userEvent.click(await screen.findByRole("button", { name: /Account of/ }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Sign out" }));
    const link = await screen.findByRole("link", { name: "Sign out at North sign-on as well" });
    expect(link.getAttribute("href")).toBe("/auth/oidc/idp_1/sign-out?ticket=t");
  });

  it("says that one is out at the provider as well", async () => {
    server.use(http.get(paths.me(), () => problem("unauthenticated")));
    renderRoute("/login?signedOut=there&institution=northbank");
    expect((await screen.findByText(/signed out, here and at your provider/)).getAttribute("role")).toBe("status");
  });

  it("says that the credentials are wrong, and empties the password only", async () => {
    server.use(
      http.get(paths.me(), () => problem("unauthenticated")),
      http.post(paths.login(), () => problem("invalid_credentials")),
    );
    renderRoute("/login");
    await userEvent.type(await screen.findByLabelText(/Email/), "wei@ziggurat.example");
    await userEvent.type(screen.getByLabelText("Password"), "wrong");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Email or password is wrong");
    expect(screen.getByLabelText(/Email/)).toHaveProperty("value", "wei@ziggurat.example");
    await waitFor(() => expect(screen.getByLabelText("Password")).toHaveProperty("value", ""));
  });

  it("refuses to leave the console for another host after sign-in", async () => {
    const { address } = renderRoute("/login?next=//evil.example/models");
    expect(await screen.findByRole("heading", { name: /Welcome/ })).toBeTruthy();
    expect(address()).toBe("/");
  });

  it("opens nothing but the change of a one-time password", async () => {
    server.use(http.get(paths.me(), () => HttpResponse.json(aMe({ mustChangePassword: true }))));
    renderRoute("/models");
    expect(await screen.findByRole("heading", { name: "Choose a password of your own" })).toBeTruthy();
    expect(screen.queryByRole("navigation")).toBeNull();
  });

  it("goes to sign-in when the session has ended under an open page", async () => {
    server.use(http.get(paths.models(), () => problem("unauthenticated")));
    const { address } = renderRoute("/models");
    expect(await screen.findByRole("button", { name: "Sign in" })).toBeTruthy();
    expect(address()).toBe("/login?next=%2Fmodels");
  });

  it("shows no section the viewer's scopes do not open", async () => {
    server.use(
      http.get(paths.me(), () => HttpResponse.json(aMe({ scopes: ["models:read"] }))),
      http.get(paths.models(), () => page([])),
    );
    renderRoute("/models");
    expect(await screen.findByRole("link", { name: "Models" })).toBeTruthy();
    expect(screen.queryByRole("link", { name: "Audit" })).toBeNull();
  });
});
