import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type Job, paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { aJob, aMe, anAttempt, JOB_ID } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { server } from "../test/server.js";

const at = "2026-11-24T12:00:00.000Z";
const line = (number: number) => ({ line: number, attempt: 1, at, stream: "stdout", text: `step ${number}` });

/** A platform with one job, a log that can grow, and a stream that can be written to; seen by somebody of an institution, the job's own unless named. */
function platform(job: Job, seenFrom = job.owner) {
  const state = { job, lines: 2, asked: [] as (string | null)[] };
  let write: (text: string) => void = () => undefined;
  server.use(
    http.get(paths.me(), () => HttpResponse.json(aMe({ institution: { slug: seenFrom, name: seenFrom } }))),
    http.get(paths.job(JOB_ID), () => HttpResponse.json(state.job)),
    http.get(paths.jobMetrics(JOB_ID), () => HttpResponse.json({ series: [] })),
    http.get(paths.jobLogs(JOB_ID), ({ request }) => {
      const offset = Number(new URL(request.url).searchParams.get("offset") ?? 0);
      const all = Array.from({ length: state.lines }, (_, number) => line(number));
      return HttpResponse.json({ lines: offset < 0 ? all.slice(offset) : all.slice(offset), total: all.length, nextOffset: null });
    }),
    http.get(paths.jobEvents(JOB_ID), ({ request }) => {
      state.asked.push(request.headers.get("last-event-id"));
      const encoder = new TextEncoder();
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          write = (text) => controller.enqueue(encoder.encode(text));
        },
      });
      return new HttpResponse(body, { headers: { "content-type": "text/event-stream" } });
    }),
  );
  const send = (seq: number, type: string, fields: object = {}) =>
    write(`id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify({ seq, at, attempt: 1, type, ...fields })}\n\n`);
  return { state, send };
}

describe("the page of a job", () => {
  it("streams on from where its snapshot stood, and shows progress as it comes", async () => {
    const { state, send } = platform(
      aJob({ attempts: [anAttempt()], progress: { step: 1, steps: 10, tokensPerSecond: null, etaSeconds: null } }),
    );
    renderRoute(`/jobs/${JOB_ID}`);
    expect(await screen.findByText("step 1 of 10")).toBeTruthy();
    await waitFor(() => expect(state.asked).toEqual(["10"]));
    send(11, "progress", { step: 4, steps: 10, tokensPerSecond: 900, etaSeconds: 60 });
    expect(await screen.findByText("step 4 of 10")).toBeTruthy();
    expect(screen.getByText("900 tokens a second")).toBeTruthy();
  });

  it("reads the log on by range when the stream tells of new lines", async () => {
    const { state, send } = platform(aJob({ attempts: [anAttempt()] }));
    renderRoute(`/jobs/${JOB_ID}`);
    expect(await screen.findByText("2 lines")).toBeTruthy();
    await waitFor(() => expect(state.asked).toHaveLength(1));
    state.lines = 5;
    send(11, "log", { stream: "stdout", line: "step 2" });
    expect(await screen.findByText("5 lines")).toBeTruthy();
  });

  it("reads the snapshot again when the state moved", async () => {
    const { state, send } = platform(aJob());
    renderRoute(`/jobs/${JOB_ID}`);
    await waitFor(() => expect(state.asked).toHaveLength(1));
    state.job = aJob({ state: "succeeded", history: [{ state: "succeeded", at, reason: null }], version: "northbank/aml@4" });
    send(11, "job", { state: "succeeded" });
    expect((await screen.findAllByText("succeeded")).length).toBeGreaterThan(0);
    expect((await screen.findAllByRole("link", { name: /northbank\/aml v4/ })).length).toBeGreaterThan(0);
  });

  it("opens no stream for a job that has ended", async () => {
    const { state } = platform(aJob({ state: "failed", history: [{ state: "failed", at, reason: null }], attempts: [anAttempt()] }));
    renderRoute(`/jobs/${JOB_ID}`);
    expect(await screen.findByText("2 lines")).toBeTruthy();
    expect(state.asked).toEqual([]);
  });

  it("asks for nothing that a run said when the job is another institution's, and says whose it is", async () => {
    const { state } = platform(aJob({ attempts: [anAttempt()] }), "platform");
    renderRoute(`/jobs/${JOB_ID}`);
    expect(await screen.findByText(/Curves and log belong to northbank/)).toBeTruthy();
    expect(screen.queryByRole("log")).toBeNull();
    expect(state.asked).toEqual([]);
  });

  it("says why a job waits, its place, and when it may start", async () => {
    platform(
      aJob({
        state: "queued",
        history: [{ state: "queued", at, reason: null }],
        waiting: [{ code: "capacity", wanted: 1, available: 0, until: null, who: null, detail: "the slot is taken" }],
        position: 3,
      }),
    );
    renderRoute(`/jobs/${JOB_ID}`);
    expect(await screen.findByText("No room on the cluster")).toBeTruthy();
    expect(screen.getByText("wanted 1, available 0")).toBeTruthy();
    expect(screen.getByText("position 3 in the queue")).toBeTruthy();
  });

  it("cancels only after the job's name was typed, and offers only what the API offers", async () => {
    let cancelled = 0;
    platform(
      aJob({
        moves: [
          { action: "cancel", allowed: true, reason: null, codes: [] },
          { action: "retry", allowed: false, reason: "it runs", codes: [] },
        ],
      }),
    );
    server.use(
      http.post(paths.jobAction(JOB_ID, "cancel"), () => {
        cancelled += 1;
        return HttpResponse.json(aJob({ state: "cancelled", history: [] }));
      }),
    );
    renderRoute(`/jobs/${JOB_ID}`);
    await userEvent.click(await screen.findByRole("button", { name: "Cancel job" }));
    expect(screen.queryByRole("button", { name: "Retry" })).toBeNull();
    const dialog = await screen.findByRole("dialog");
    const confirm = [...dialog.querySelectorAll("button")].find((button) => button.type === "submit");
    expect(confirm?.disabled).toBe(true);
    await userEvent.type(screen.getByLabelText(/Type .* to confirm/), JOB_ID.slice(-8));
    expect(confirm?.disabled).toBe(false);
    if (confirm) await userEvent.click(confirm);
    await waitFor(() => expect(cancelled).toBe(1));
  });
});
