import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Institution, type Me, paths, Quota, QuotaEffect, type QuotaLimits, QuotaProposal, type QuotaUse } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { afterEach, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aMe } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

afterEach(() => chooseLanguage("en"));

const at = "2026-11-24T12:00:00.000Z";
const northbank = Institution.parse({
  ...{ id: `ins_${"1".padStart(32, "0")}`, slug: "northbank", name: "Northbank", region: "EU" },
  ...{ members: 2, models: 3, state: "active", createdAt: at },
});
const NONE: QuotaLimits = { gpus: null, gpuHours: null, money: null, jobsQueued: null, storageBytes: null, mayBorrow: false };
const idle = { used: 0, reserved: 0, borrowed: 0, limit: null, percent: null, state: "within", forecast: null } as const;
const uses: QuotaUse[] = [
  { ...idle, dimension: "gpus", used: 14, borrowed: 2, limit: { stop: 12, warnPercent: 80 }, percent: 116.7, state: "full" },
  {
    ...idle,
    dimension: "gpuHours",
    used: 901,
    reserved: 100,
    limit: { stop: 1200, warnPercent: 80 },
    percent: 83.4,
    state: "warning",
    forecast: 1140,
  },
  { ...idle, dimension: "money", used: 3_120_000, limit: { stop: 5_000_000, warnPercent: 80 }, percent: 62.4, forecast: 4_000_000 },
  { ...idle, dimension: "jobsQueued", used: 3 },
  { ...idle, dimension: "storageBytes", used: 1_200_000_000_000 },
];
const quota = Quota.parse({
  ...{ institution: "northbank", revision: 3, period: "2026-11", currency: "CNY", uses, setAt: at, setBy: "Ada", mayDecide: false },
  limits: { ...NONE, gpus: uses[0]?.limit, gpuHours: uses[1]?.limit, money: uses[2]?.limit, mayBorrow: true },
  whoCanRaise: { propose: ["institution_admin", "platform_admin"], decide: ["platform_admin"] },
  mayPropose: true,
});
const proposal = QuotaProposal.parse({
  ...{ id: `qpr_${"1".padStart(32, "0")}`, institution: "northbank", revision: 3, before: quota.limits, reason: "more work" },
  ...{ state: "pending", isStale: false, proposedBy: "Nora", proposedAt: at, decidedBy: null, decidedAt: null, decisionReason: null },
  limits: { ...NONE, gpus: { stop: 20, warnPercent: 80 } },
  moves: [
    { action: "approve", allowed: true, reason: null },
    { action: "reject", allowed: true, reason: null },
    { action: "withdraw", allowed: false, reason: "no" },
  ],
});
const dialog = () => within(screen.getByRole("dialog"));

/** The page of the bank; answers what was looked at and sent. */
function bankPage(roles: Me["roles"], proposals: readonly QuotaProposal[] = [], refusal?: () => Response) {
  const [looked, sent]: [unknown[], unknown[]] = [[], []];
  const effect = QuotaEffect.parse({
    revision: 3,
    before: uses,
    after: uses,
    wouldWait: [`job_${"7".padStart(32, "0")}`],
    wouldStart: [],
    runningAbove: 2,
    refusals: [],
  });
  server.use(
    http.get(paths.me(), () => HttpResponse.json(aMe({ roles }))),
    http.get(paths.institution("northbank"), () => HttpResponse.json(northbank)),
    http.get(paths.members("northbank"), () => page([])),
    http.get(paths.models(), () => page([])),
    http.get(paths.entitlements("northbank"), () => page([])),
    http.get(paths.quota("northbank"), () => HttpResponse.json(quota)),
    http.get(paths.quotaProposals("northbank"), () => page(proposals)),
    http.post(paths.quotaPreview("northbank"), async ({ request }) => {
      looked.push(await request.json());
      return HttpResponse.json(effect);
    }),
    http.post(paths.quotaProposals("northbank"), async ({ request }) => {
      sent.push(await request.json());
      return refusal?.() ?? HttpResponse.json(proposal, { status: 201 });
    }),
    http.post(paths.quotaDecision("northbank", proposal.id, "approve"), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ ...proposal, state: "approved" });
    }),
  );
  renderRoute("/institutions/northbank");
  return { looked, sent };
}

it("shows each bar as the API counts it, and of what is full by how much and who can raise it, in both languages", async () => {
  bankPage(["institution_admin"]);
  const bars = within(await screen.findByRole("list", { name: "Quota and budget" }));
  for (const text of ["14 of 12", "901 GPU·h of 1,200 GPU·h", "¥31,200.00 of ¥50,000.00", "3, unlimited", "1.2 TB, unlimited"])
    bars.getByText(text);
  for (const text of [
    "2 borrowed",
    "100 GPU·h reserved for open jobs",
    "forecast for the month 1,140 GPU·h",
    "limit reached",
    "near the limit",
  ])
    bars.getByText(text);
  expect(bars.getByRole("progressbar", { name: "GPU-hours this month" }).getAttribute("value")).toBe("83.4");
  screen.getByText("Places at once: at the limit, 2 over");
  screen.getByText("A higher limit is proposed by institution admin or platform admin and decided by platform admin.");
  await chooseLanguage("zh");
  expect(await screen.findByText("同时占用名额：已达上限，超出 2")).toBeTruthy();
});

it("saves nothing before the effect of these very limits was shown", async () => {
  const { looked, sent } = bankPage(["institution_admin"]);
  await userEvent.click(await screen.findByRole("button", { name: "Propose a change…" }));
  const places = dialog().getByRole("textbox", { name: "Places at once" });
  await userEvent.clear(places);
  await userEvent.type(places, "8");
  await userEvent.type(dialog().getByLabelText(/^Reason/), "less work");
  expect(sent).toEqual([]);
  await dialog().findByText("1 job would wait for quota.", { exact: false });
  dialog().getByText("2 jobs run above the new number of places and go on to their end.");
  const propose = dialog().getByRole("button", { name: "Propose" });
  await waitFor(() => expect(propose).toHaveProperty("disabled", false));
  await userEvent.click(propose);
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  const limits = { ...quota.limits, gpus: { stop: 8, warnPercent: 80 } };
  expect(looked.at(-1)).toEqual({ limits });
  expect(sent).toEqual([{ limits, revision: 3, reason: "less work" }]);
});

it("takes an amount with its cents as it is typed, and asks for nothing while a percentage is rubbed out", async () => {
  const { looked, sent } = bankPage(["institution_admin"]);
  await userEvent.click(await screen.findByRole("button", { name: "Propose a change…" }));
  const budget = dialog().getByRole("textbox", { name: "Budget this month" });
  await userEvent.clear(budget);
  await userEvent.type(budget, "1200.50");
  expect(budget).toHaveProperty("value", "1200.50");
  const warn = dialog().getByRole("textbox", { name: "Warn at, Budget this month" });
  await userEvent.clear(warn);
  expect(warn).toHaveProperty("value", "");
  await userEvent.type(dialog().getByLabelText(/^Reason/), "cents");
  expect(dialog().getByRole("button", { name: "Propose" })).toHaveProperty("disabled", true);
  await userEvent.type(warn, "75");
  const propose = dialog().getByRole("button", { name: "Propose" });
  await waitFor(() => expect(propose).toHaveProperty("disabled", false));
  await userEvent.click(propose);
  const limits = { ...quota.limits, money: { stop: 120_050, warnPercent: 75 } };
  await waitFor(() => expect(sent).toEqual([{ limits, revision: 3, reason: "cents" }]));
  expect(looked.at(-1)).toEqual({ limits });
});

it("keeps what was typed when the quota was changed in the meantime, and says so", async () => {
  bankPage(["institution_admin"], [], () => problem("stale", [{ code: "quota_changed", detail: "the quota was changed since" }]));
  await userEvent.click(await screen.findByRole("button", { name: "Propose a change…" }));
  await userEvent.type(dialog().getByLabelText(/^Reason/), "less work");
  const propose = dialog().getByRole("button", { name: "Propose" });
  await waitFor(() => expect(propose).toHaveProperty("disabled", false));
  await userEvent.click(propose);
  await dialog().findByText("the quota was changed since");
  expect(dialog().getByLabelText(/^Reason/)).toHaveProperty("value", "less work");
});

it("asks for no second change while one is to be decided", async () => {
  bankPage(["institution_admin"], [proposal]);
  await screen.findByText("A change waits to be decided on; one at a time is asked for.");
  expect(screen.queryByRole("button", { name: "Propose a change…" })).toBeNull();
});

it("words what would be refused in the units that people use, in both languages", async () => {
  bankPage(["platform_admin"], [proposal]);
  const effect = {
    ...{ revision: 3, before: uses, wouldWait: [], wouldStart: [], runningAbove: 0 },
    after: uses.map((use) => (use.dimension === "money" ? { ...use, limit: { stop: 3_125_000, warnPercent: 80 } } : use)),
    refusals: [{ code: "quota_money", detail: "budget this month (minor units): 1 wanted" }],
  };
  server.use(http.post(paths.quotaPreview("northbank"), () => HttpResponse.json(effect)));
  await userEvent.click(await screen.findByRole("button", { name: "Approve…" }));
  await dialog().findByText("New requests would be refused: Budget this month: ¥50.00 of ¥31,250.00 left");
  await chooseLanguage("zh");
  await dialog().findByText("新申请将被拒绝：本月预算：剩余 ¥50.00，上限 ¥31,250.00");
});

it("lets a change be turned down although its effect cannot be told", async () => {
  const { sent } = bankPage(["platform_admin"], [proposal]);
  server.use(
    http.post(paths.quotaPreview("northbank"), () => problem("denied")),
    http.post(paths.quotaDecision("northbank", proposal.id, "reject"), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ ...proposal, state: "rejected" });
    }),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Reject…" }));
  await dialog().findByRole("alert");
  await userEvent.type(dialog().getByLabelText(/^Reason/), "no");
  await userEvent.click(dialog().getByRole("button", { name: "Reject" }));
  await waitFor(() => expect(sent).toEqual([{ reason: "no" }]));
});

it("offers the decisions that the API allows, each after its effect", async () => {
  const { looked, sent } = bankPage(["platform_admin"], [proposal]);
  const table = within(await screen.findByRole("table", { name: "Proposed changes" }));
  table.getByText("Places at once: 12, warns at 80 % → 20, warns at 80 %");
  expect(table.queryByRole("button", { name: "Withdraw…" })).toBeNull();
  await userEvent.click(table.getByRole("button", { name: "Approve…" }));
  await dialog().findByText("Effect of the change");
  await userEvent.type(dialog().getByLabelText(/^Reason/), "agreed");
  await userEvent.click(dialog().getByRole("button", { name: "Approve" }));
  await waitFor(() => expect(sent).toEqual([{ reason: "agreed" }]));
  expect(looked).toEqual([{ limits: proposal.limits }]);
});
