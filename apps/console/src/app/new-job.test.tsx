import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { CreateJob, paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { chooseLanguage } from "../lib/i18n.js";
import { aDataset, aJob, aMe, aModel } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, server } from "../test/server.js";

const member = aMe({ institution: { slug: "northbank", name: "Northbank" }, roles: ["institution_member"] });
const target = aModel({
  ref: "northbank/aml",
  namespace: "northbank",
  slug: "aml",
  tier: "institution",
  name: "AML",
  latest: null,
  latestState: null,
});

/** A platform where a plan is refused until the learning rate is in range. */
function platform() {
  const sent: { key: string | null; body: unknown }[] = [];
  server.use(
    http.get(paths.me(), () => HttpResponse.json(member)),
    http.get(paths.models(), () => page([target, aModel()])),
    http.get(paths.datasets(), () => page([aDataset()])),
    http.post(paths.plans(), async ({ request }) => {
      const { hyperparameters, parent } = CreateJob.parse(await request.json());
      const violations = [
        ...(Number(hyperparameters.learningRate ?? 0.01) > 0.1
          ? [{ code: "hyperparameter_range", detail: "learningRate must be at most 0.1", pointer: "/hyperparameters/learningRate" }]
          : []),
        ...(parent ? [] : [{ code: "parent_required", detail: "a base is required", pointer: "/parent" }]),
      ];
      return HttpResponse.json({ estimate: null, needsApproval: true, violations, cost: null, quota: [] });
    }),
    http.post(paths.jobs(), async ({ request }) => {
      sent.push({ key: request.headers.get("idempotency-key"), body: await request.json() });
      return HttpResponse.json(aJob({ state: "awaiting_approval" }), { status: 201 });
    }),
    http.get(paths.job(aJob().id), () => HttpResponse.json(aJob({ state: "succeeded", history: [] }))),
  );
  return sent;
}

describe("requesting a job", () => {
  it("shows every violation at its field and on its step, in the reader's language", async () => {
    platform();
    renderRoute("/jobs/new?step=method&model=northbank/aml");
    await userEvent.type(await screen.findByLabelText("Learning rate"), "5");
    expect(await screen.findByText("learningRate must be at most 0.1")).toBeTruthy();
    expect(screen.getByLabelText("Learning rate").getAttribute("aria-invalid")).toBe("true");
    expect((await screen.findByRole("button", { name: /^2 ?Base/ })).textContent).toContain("1 problem");
    await chooseLanguage("zh");
    expect(await screen.findByText("\u6570\u503c\u8d85\u51fa\u8303\u56f4")).toBeTruthy();
    await chooseLanguage("en");
  });

  it("keeps what was typed over Back and over a reload of the tab", async () => {
    platform();
    const first = renderRoute("/jobs/new?step=method&model=northbank/aml");
    await userEvent.type(await screen.findByLabelText("Rank"), "8");
    await userEvent.click(screen.getByRole("button", { name: "Back" }));
    await screen.findByText("Data to learn from");
    first.router.history.back();
    expect(await screen.findByLabelText("Rank")).toHaveProperty("value", "8");
    document.body.innerHTML = "";
    renderRoute("/jobs/new?step=method");
    expect(await screen.findByLabelText("Rank")).toHaveProperty("value", "8");
  });

  it("sends the very body the review shows, once, however often the button is pressed", async () => {
    const sent = platform();
    const { address } = renderRoute("/jobs/new?step=base&model=northbank/aml");
    await userEvent.click(await screen.findByRole("radio", { name: /finance\/ledger/ }));
    await userEvent.click(screen.getByRole("button", { name: /^3 ?Data/ }));
    const learn = await screen.findByRole("group", { name: /Data to learn from/ });
    await userEvent.click(within(learn).getByRole("checkbox", { name: /northbank\/intents/ }));
    await userEvent.click(screen.getByRole("button", { name: /^6 ?Review/ }));
    const shown = JSON.parse((await screen.findByTestId("request-body")).textContent ?? "");
    const submit = screen.getByRole("button", { name: "Request job" });
    await waitFor(() => expect(submit).toHaveProperty("disabled", false));
    await userEvent.dblClick(submit);
    await waitFor(() => expect(address()).toBe(`/jobs/${aJob().id}`));
    expect(sent).toHaveLength(1);
    expect(sent[0]?.body).toEqual(shown);
    expect(shown).toMatchObject({ model: "northbank/aml", parent: "finance/ledger@1", datasets: ["northbank/intents@1"] });
    expect(sent[0]?.key).toBeTruthy();
  });
});
