import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { paths, Register, type RegisteredRow } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aMe } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

afterEach(() => chooseLanguage("en"));

const SHEET = "tier,slug,name\nfoundation,one,One\nfoundation,two,Two\nfoundation,taken,Taken\n";
/** The test's browser has files, and no way to read them. */
const file = (text: string) =>
  Object.assign(new File([text], "models.csv", { type: "text/csv" }), { arrayBuffer: async () => new TextEncoder().encode(text).buffer });
const taken = { code: "duplicate_name", detail: "foundation/taken is registered already", pointer: "/slug" };

/** A platform at which `taken` is taken; answers what was sent. */
function show(refusal?: () => Response) {
  const sent: Register[] = [];
  server.use(
    http.get(paths.me(), () => HttpResponse.json(aMe({ roles: ["platform_engineer"] }))),
    http.get(paths.models(), () => page([])),
    http.post(paths.registrations(), async ({ request }) => {
      const body = Register.parse(await request.json());
      sent.push(body);
      if (refusal && !body.dryRun) return refusal();
      const rows = body.rows.map((row, at): RegisteredRow => {
        const isBad = row.slug === "taken";
        const outcome = isBad ? "refused" : body.dryRun ? "good" : "registered";
        return { row: at, outcome, model: `foundation/${row.slug}`, version: null, violations: isBad ? [taken] : [] };
      });
      const refused = rows.filter(({ outcome }) => outcome === "refused").length;
      return HttpResponse.json({ dryRun: body.dryRun, good: rows.length - refused, refused, rows });
    }),
  );
  renderRoute("/models/register-many");
  return sent;
}
const choose = async (text: string) => userEvent.upload(await screen.findByLabelText("Choose files"), file(text));
const button = (name: RegExp) => screen.getByRole("button", { name });

it("judges a sheet before anything is written, and registers only what the reader agreed to", async () => {
  const sent = show();
  await choose(SHEET);
  expect(await screen.findByText(/1 of 3 rows is refused/)).toBeTruthy();
  expect(sent.map(({ dryRun, rows }) => [dryRun, rows.length])).toEqual([[true, 3]]);
  const [, first] = within(screen.getByRole("table")).getAllByRole("row");
  expect(first?.textContent).toContain("3");
  expect(first?.textContent).toContain("foundation/taken is registered already");
  expect(button(/Register 2 rows/)).toHaveProperty("disabled", true);
  await userEvent.click(screen.getByRole("checkbox", { name: /Skip refused rows/ }));
  await userEvent.click(button(/Register 2 rows/));
  expect(await screen.findByText("2 rows registered, 1 refused.")).toBeTruthy();
  expect(sent[1]).toMatchObject({ dryRun: false, skipBadRows: true });
  expect(screen.getByRole("link", { name: "foundation/one" })).toHaveProperty("pathname", "/models/foundation/one");
  expect(screen.queryByRole("button", { name: /Register 2 rows/ })).toBeNull();
});

it("says in both languages what is wrong with a sheet as a whole, and asks the platform nothing", async () => {
  const sent = show();
  await choose("tier,slug,name,colour\nfoundation,one,One,red\n");
  expect((await screen.findByRole("alert")).textContent).toContain("columns that are not known: colour");
  await chooseLanguage("zh");
  expect(screen.getByRole("alert").textContent).toContain("未知的列：colour");
  expect(sent).toEqual([]);
});

it("shows the refusal when a name was taken meanwhile, and judges the rows anew", async () => {
  const sent = show(() => problem("rule", [{ ...taken, pointer: "/rows/0/slug" }]));
  await choose("tier,slug,name\nfoundation,one,One\n");
  await userEvent.click(await screen.findByRole("button", { name: /Register 1 row/ }));
  expect((await screen.findByRole("alert")).textContent).toContain("registered already");
  await userEvent.click(button(/Retry/));
  await waitFor(() => expect(sent.map(({ dryRun }) => dryRun)).toEqual([true, false, true]));
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
});

it("takes another sheet in place of the first", async () => {
  const sent = show();
  await choose(SHEET);
  await screen.findByText(/1 of 3/);
  await choose("tier,slug,name\nfoundation,one,One\n");
  expect(await screen.findByText("1 row, and nothing stands against it.")).toBeTruthy();
  expect(screen.queryByText(/taken/)).toBeNull();
  expect(sent).toHaveLength(2);
});
