import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { AuditEntry, type AuditVerification, paths, VerificationRun } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

const at = "2026-11-24T12:00:00.000Z";
const id = (n: number) => `aud_${n.toString(16).padStart(32, "0")}`;
const anEntry = (over: Partial<Record<keyof AuditEntry, unknown>> = {}) =>
  AuditEntry.parse({
    id: id(1),
    sequence: 41,
    chain: "northbank",
    at,
    actor: `usr_${"1".repeat(32)}`,
    actorName: "Wei Zhou",
    action: "version.release",
    object: "northbank/cards@3",
    reason: "floors met",
    beforeDigest: null,
    afterDigest: null,
    digest: "ab".repeat(32),
    previousDigest: null,
    requestId: null,
    ...over,
  });
const aRun = (over: Partial<Record<keyof VerificationRun, unknown>> = {}) =>
  VerificationRun.parse({
    id: `avf_${"1".repeat(32)}`,
    state: "queued",
    total: 1000,
    done: 0,
    requestedBy: "Wei Zhou",
    requestedAt: at,
    result: null,
    ...over,
  });
const verdict = (firstBad: AuditVerification["chains"][number]["firstBad"]): AuditVerification => ({
  ok: firstBad === null,
  verifiedAt: at,
  chains: [{ chain: "northbank", entries: 1000, pending: 0, ok: firstBad === null, firstBad }],
});

let asked: URL[] = [];
beforeEach(() => {
  asked = [];
  server.use(
    http.get(paths.audit(), ({ request }) => {
      asked.push(new URL(request.url));
      return page([anEntry()]);
    }),
  );
});

describe("the audit page", () => {
  it("asks for what its address says, in the API's names", async () => {
    renderRoute(`/audit?q=floors&actor=Wei+Zhou&action=job&object=x&inst=northbank&from=${at}&to=${at}`);
    await screen.findByText("#41");
    expect(Object.fromEntries(asked.at(-1)?.searchParams ?? [])).toMatchObject({
      "filter[text]": "floors",
      "filter[actor]": "Wei Zhou",
      "filter[action]": "job",
      "filter[object]": "x",
      "filter[chain]": "northbank",
      "filter[from]": at,
      "filter[to]": at,
    });
    expect(screen.getByLabelText<HTMLSelectElement>("Action").value).toBe("job");
  });

  it("keeps what is searched for and chosen in the address", async () => {
    const { address } = renderRoute("/audit");
    await userEvent.type(await screen.findByLabelText("Search"), "贷款");
    await userEvent.selectOptions(screen.getByLabelText("Action"), "job approved");
    await vi.waitFor(() => {
      const { searchParams } = new URL(address(), "http://x");
      expect([searchParams.get("q"), searchParams.get("action")]).toEqual(["贷款", "job.approve"]);
    });
    expect(asked.at(-1)?.searchParams.get("filter[text]")).toBe("贷款");
  });

  it("opens a linked entry wherever in the log it stands, and says when there is none", async () => {
    server.use(
      http.get(paths.auditEntry(id(7)), () => HttpResponse.json(anEntry({ id: id(7), sequence: 7 }))),
      http.get(paths.auditEntry(id(8)), () => problem("hidden")),
    );
    renderRoute(`/audit?entry=${id(7)}`);
    await screen.findByText("Entry #7 of northbank");
    cleanup();
    renderRoute(`/audit?entry=${id(8)}`);
    await screen.findByRole("alert");
  });

  it("shows how far a verification is and then its verdict", async () => {
    const runs = [aRun({ state: "running", done: 250 }), aRun({ state: "done", done: 1000, result: verdict(null) })];
    server.use(
      http.post(paths.auditVerifications(), () => HttpResponse.json(aRun(), { status: 202 })),
      http.get(paths.auditVerification(aRun().id), () => HttpResponse.json(runs.length > 1 ? runs.shift() : runs[0])),
    );
    renderRoute("/audit");
    await userEvent.click(await screen.findByRole("button", { name: "Verify now" }));
    await screen.findByText("Verifying: 250 of 1,000 entries", undefined, { timeout: 5000 });
    expect(screen.getByRole("progressbar", { name: "Progress of the verification" }).getAttribute("value")).toBe("0.25");
    expect(await screen.findAllByText("chain holds", undefined, { timeout: 5000 })).not.toEqual([]);
  });

  it("names the first entry that does not hold, and says what to do", async () => {
    const result = verdict({ sequence: 417, problem: "altered" });
    server.use(http.post(paths.auditVerifications(), () => HttpResponse.json(aRun({ state: "done", result }), { status: 202 })));
    server.use(http.get(paths.auditVerification(aRun().id), () => HttpResponse.json(aRun({ state: "done", result }))));
    renderRoute("/audit");
    await userEvent.click(await screen.findByRole("button", { name: "Verify now" }));
    await screen.findByText("entry #417 was altered");
    await screen.findByText(/The log was changed/);
  });

  it("says why a verification could not be asked for", async () => {
    server.use(http.post(paths.auditVerifications(), () => problem("unavailable")));
    renderRoute("/audit");
    await userEvent.click(await screen.findByRole("button", { name: "Verify now" }));
    expect(within(await screen.findByRole("alert")).getByText("req_42")).toBeDefined();
  });

  it("exports what the filters show, the whole chain, and the key, by keyboard", async () => {
    const clicked: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function remember(this: HTMLAnchorElement) {
      clicked.push(decodeURIComponent(this.href.replace(window.location.origin, "")));
    });
    renderRoute("/audit?inst=northbank&action=job");
    await screen.findByText("#41");
    for (const steps of [0, 1, 2]) {
      screen.getByRole("button", { name: "Export signed" }).focus();
      await userEvent.keyboard(`{Enter}${"{ArrowDown}".repeat(steps)}{Enter}`);
    }
    expect(clicked).toEqual([
      "/api/v1/audit/export?filter[action]=job&filter[chain]=northbank&proofs=each",
      "/api/v1/audit/export?filter[chain]=northbank&proofs=none",
      "/api/v1/audit/key",
    ]);
  });
});
