import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type Me, PersonAccess, paths, RunningWork } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aMe } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

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

const work = (digit: string, over: Partial<RunningWork> = {}) =>
  RunningWork.parse({
    kind: "import",
    id: `imp_${digit.repeat(32)}`,
    model: "northbank/cards",
    state: "transferring",
    begunBy: { id: nora.user, name: "Nora", hasLeft: false },
    since: at,
    cancel: { allowed: true, reason: null },
    ...over,
  });
const aJob = work("7", { kind: "job", id: `job_${"7".repeat(32)}` as never, state: "running" as never });

describe("what runs in somebody's name", () => {
  const wanted: string[] = [];
  let running: RunningWork[];
  beforeEach(() => {
    wanted.length = 0;
    running = [work("6"), aJob];
    server.use(
      http.get(paths.runningWork(), ({ request }) => {
        const query = new URL(request.url).searchParams;
        return page(query.has("filter[user]") || query.has("filter[left]") ? running : []);
      }),
      http.delete(paths.member("northbank", nora.user), () => {
        wanted.push("remove");
        running = running.map((one) => ({ ...one, begunBy: { ...one.begunBy, hasLeft: true } }));
        return new HttpResponse(null, { status: 204 });
      }),
      http.post("/api/v1/:kind/:id/cancel", ({ params }) => {
        wanted.push(`cancel ${String(params.id)}`);
        running = running.filter(({ id }) => id !== params.id);
        return HttpResponse.json({});
      }),
    );
  });
  const remove = async () => {
    await userEvent.click(await screen.findByRole("button", { name: "Change roles of Nora" }));
    await userEvent.click(await screen.findByRole("button", { name: "Remove from institution" }));
    await dialog().findByText(/2 pieces of work that Nora began go on in the name of northbank/);
  };
  const confirm = async () => {
    await userEvent.type(dialog().getByRole("textbox"), nora.email);
    await userEvent.click(dialog().getByRole("button", { name: "Remove from institution" }));
  };

  it("is read before they are removed, and goes on where nothing else is said", async () => {
    show([nora]);
    await remove();
    expect(
      dialog()
        .getByRole("link", { name: /^Import northbank\/cards #/ })
        .getAttribute("href"),
    ).toBe(`/imports/imp_${"6".repeat(32)}`);
    expect(dialog().getByRole("link", { name: /^Job northbank\/cards #/ })).toBeTruthy();
    await confirm();
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(wanted).toEqual(["remove"]);
    expect(await screen.findByRole("button", { name: /^Cancel: Import northbank\/cards #/ })).toBeTruthy();
  });

  it("is cancelled with them where that is chosen, after they can begin nothing more", async () => {
    show([nora]);
    await remove();
    await userEvent.click(dialog().getByRole("checkbox", { name: "Cancel all of it as well" }));
    await confirm();
    await waitFor(() => expect(wanted).toEqual(["remove", `cancel imp_${"6".repeat(32)}`, `cancel ${aJob.id}`]));
    expect(await screen.findByText("Nothing runs in the name of somebody who has left.")).toBeTruthy();
  });

  it("is not taken for nothing where it cannot be read, nor is a removal repeated where only the cancelling failed", async () => {
    let isReadable = false;
    server.use(http.get(paths.runningWork(), () => (isReadable ? page(running) : problem("internal"))));
    show([nora]);
    await userEvent.click(await screen.findByRole("button", { name: "Change roles of Nora" }));
    await userEvent.click(await screen.findByRole("button", { name: "Remove from institution" }));
    await userEvent.type(dialog().getByRole("textbox"), nora.email);
    await dialog().findByRole("button", { name: "Retry" }, { timeout: 5000 });
    expect(dialog().getByRole("button", { name: "Remove from institution" })).toHaveProperty("disabled", true);
    isReadable = true;
    await userEvent.click(dialog().getByRole("button", { name: "Retry" }));
    await userEvent.click(await dialog().findByRole("checkbox", { name: "Cancel all of it as well" }));
    server.use(http.post("/api/v1/imports/:id/cancel", () => problem("unavailable"), { once: true }));
    await userEvent.click(dialog().getByRole("button", { name: "Remove from institution" }));
    expect(await dialog().findByRole("alert")).toBeTruthy();
    await userEvent.click(dialog().getByRole("button", { name: "Remove from institution" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(wanted).toEqual(["remove", `cancel imp_${"6".repeat(32)}`, `cancel ${aJob.id}`]);
  });

  it("is listed for those who have left, and ended one by one, in Chinese as well", async () => {
    await chooseLanguage("zh");
    show([nora]);
    await userEvent.click(await screen.findByRole("button", { name: /^取消：任务 northbank\/cards #/ }));
    expect(dialog().getByText(/任务将停止/)).toBeTruthy();
    await userEvent.click(dialog().getAllByRole("button", { name: "取消" })[0] ?? screen.getByRole("dialog"));
    await waitFor(() => expect(wanted).toEqual([`cancel ${aJob.id}`]));
    const left = screen.getByRole("region", { name: "已离开人员名下仍在运行的工作" });
    await waitFor(() => expect(left.contains(document.activeElement)).toBe(true));
    expect(screen.getByRole("button", { name: /^取消：导入/ })).toBeTruthy();
  });
});

it("says that roles could not be read, instead of offering nothing or taking roles away unseen", async () => {
  server.use(http.get("/api/v1/institutions/:slug/roles", () => problem("unavailable")));
  show([nora]);
  await userEvent.click(await screen.findByRole("button", { name: "Change roles of Nora" }));
  expect(await within(await screen.findByRole("dialog")).findByRole("button", { name: "Retry" })).toBeTruthy();
});
