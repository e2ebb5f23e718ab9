import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Charge, CorrectionPreview, type Me, MonthStatement, MonthSummary, paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aMe, JOB_ID } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

afterEach(() => chooseLanguage("en"));

const at = "2026-11-24T12:00:00.000Z";
const own = { slug: "northbank", name: "Northbank" };
const line = {
  job: JOB_ID,
  model: "northbank/aml",
  version: null,
  scenario: null,
  unit: "gpu",
  quantity: 3600,
  lateFor: null,
  reason: null,
};
const statement = MonthStatement.parse({
  ...{ month: "2026-10", isClosed: true, currency: "CNY", sums: null },
  statement: {
    ...{ institution: "northbank", month: "2026-10", currency: "CNY", isClosed: true, total: 20_000, closedAt: at },
    lines: [
      { kind: "job", ...line, amount: 24_000 },
      { kind: "correction", ...line, quantity: null, amount: -4000, lateFor: "2026-09", reason: "lost by us" },
    ],
  },
});
const preview = CorrectionPreview.parse({
  ...{ currency: "CNY", month: "2026-11", lateFor: "2026-10" },
  ...{ charged: { before: 20_000, after: 20_000 }, total: { before: 90_000, after: 90_000 } },
});
const dialog = () => within(screen.getByRole("dialog"));
let asked: string[] = [];
beforeEach(() => {
  asked = [];
});

/** The statements of the bank as somebody sees them; answers what was sent. */
function statementsOf(me: Partial<Me>, path = "/institutions/northbank?tab=statements", refusal?: () => Response) {
  const sent: unknown[] = [];
  const institution = { id: `ins_${"1".padStart(32, "0")}`, ...own, region: null, members: 1, models: 1, state: "active", createdAt: at };
  server.use(
    http.get(paths.me(), () => HttpResponse.json(aMe(me))),
    http.get(paths.institution("northbank"), () => HttpResponse.json(institution)),
    http.get(paths.statements(), () => page([MonthSummary.parse({ month: "2026-10", isClosed: true, currency: "CNY", total: 20_000 })])),
    http.get(paths.statement("2026-10"), ({ request }) => {
      asked.push(decodeURIComponent(new URL(request.url).search));
      return HttpResponse.json(statement);
    }),
    http.post(paths.chargeCorrectionPreview("northbank"), async ({ request }) => {
      const { amount } = (await request.json()) as { readonly amount: number };
      const less = ({ before }: { readonly before: number }) => ({ before, after: before + amount });
      if (amount < -20_000) return problem("rule", [{ code: "correction_exceeds", detail: "no more can be taken back" }]);
      return HttpResponse.json({ ...preview, charged: less(preview.charged), total: less(preview.total) });
    }),
    http.post(paths.chargeCorrections("northbank"), async ({ request }) => {
      const body = (await request.json()) as { readonly amount: number };
      sent.push(body);
      const made = {
        id: `chg_${"1".padStart(32, "0")}`,
        kind: "correction",
        job: JOB_ID,
        version: null,
        amount: body.amount,
        currency: "CNY",
      };
      const charge = Charge.parse({ ...made, month: "2026-11", lateFor: "2026-10", reason: "our fault", at });
      return refusal?.() ?? HttpResponse.json(charge, { status: 201 });
    }),
  );
  renderRoute(path);
  return sent;
}

it("shows an institution its lines with what was taken back and why, in both languages, and offers no correction", async () => {
  statementsOf({ roles: ["institution_admin"], institution: own });
  const lines = within(await screen.findByRole("table", { name: "Lines of the statement" }));
  lines.getByText("lost by us");
  lines.getByText(/^Late, belongs to 2026-09/);
  lines.getByText("-¥40.00");
  expect(lines.queryByRole("button", { name: /^Correct/ })).toBeNull();
  screen.getByText(/The month is closed and never changes/);
  expect(asked[0]).toBe("");
  await chooseLanguage("zh");
  expect(await screen.findByText(/本月已结账，不再变更/)).toBeTruthy();
});

it("takes back a part after it was shown what that comes to and that the closed month stays as it is", async () => {
  const sent = statementsOf({ roles: ["platform_admin"] });
  const [correct, ...others] = await screen.findAllByRole("button", { name: /^Correct the charge for job/ });
  expect(others).toEqual([]);
  expect(asked[0]).toBe("?filter[institution]=northbank");
  await userEvent.click(correct ?? document.body);
  const effect = within(await dialog().findByRole("region", { name: "What it comes to" }));
  effect.getByText("2026-10 is closed and stays as it is: it falls into 2026-11, which is open.");
  const back = dialog().getByRole("button", { name: "Take back" });
  await userEvent.type(dialog().getByLabelText(/^Reason/), "our fault");
  const amount = dialog().getByRole("textbox", { name: /^Amount to take back/ });
  await userEvent.type(amount, "1.50");
  expect(back).toHaveProperty("disabled", true);
  await effect.findByText("¥900.00 → ¥898.50");
  effect.getByText("¥200.00 → ¥198.50");
  await waitFor(() => expect(back).toHaveProperty("disabled", false));
  await userEvent.click(back);
  await waitFor(() => expect(sent).toEqual([{ job: JOB_ID, amount: -150, reason: "our fault", month: "2026-11" }]));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await waitFor(() => expect(asked.length).toBeGreaterThan(1));
});

it("takes back no more than was charged, and keeps what was typed when the month was closed in the meantime", async () => {
  const stale = { code: "correction_month", detail: "it would fall into 2026-12, not into 2026-11; look again" };
  statementsOf({ roles: ["platform_admin"] }, undefined, () => problem("stale", [stale]));
  await userEvent.click(await screen.findByRole("button", { name: /^Correct the charge for job/ }));
  await dialog().findByRole("region", { name: "What it comes to" });
  const amount = dialog().getByRole("textbox", { name: /^Amount to take back/ });
  await userEvent.type(amount, "300");
  await dialog().findByText("no more can be taken back");
  expect(dialog().getByRole("button", { name: "Take back" })).toHaveProperty("disabled", true);
  await userEvent.clear(amount);
  await userEvent.click(await dialog().findByRole("button", { name: "All of it" }));
  expect(amount).toHaveProperty("value", "200");
  await userEvent.type(dialog().getByLabelText(/^Reason/), "our fault");
  await waitFor(() => expect(dialog().getByRole("button", { name: "Take back" })).toHaveProperty("disabled", false));
  await userEvent.click(dialog().getByRole("button", { name: "Take back" }));
  await dialog().findByText(stale.detail);
  expect(dialog().getByLabelText(/^Reason/)).toHaveProperty("value", "our fault");
});

it("opens a month of the address that is not in the list, and says so of one that is none", async () => {
  server.use(http.get(paths.statement("2020-01"), () => HttpResponse.json({ ...statement, month: "2020-01" })));
  statementsOf({ roles: ["platform_admin"] }, "/institutions/northbank?tab=statements&month=2020-01");
  await screen.findByRole("heading", { name: "Statement of 2020-01" });
  expect(screen.getByLabelText("Month")).toHaveProperty("value", "2020-01");
});
