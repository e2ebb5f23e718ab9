import type { JobEvent } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { readJobEvent, reduceLive, startLive } from "./job-live.js";

const event = (seq: number, type: string, fields: Record<string, unknown> = {}): JobEvent => ({
  seq,
  at: "2026-11-24T12:00:00.000Z",
  attempt: 1,
  type,
  ...fields,
});

describe("live events", () => {
  it("an event the snapshot already holds, or that comes twice, changes nothing", () => {
    const started = startLive(10);
    const once = reduceLive(started, [event(9, "log"), event(11, "metric", { key: "loss", step: 1, value: 2 })]);
    expect(once).toMatchObject({ lastSeq: 11, logEvents: 0, points: [{ key: "loss", step: 1, value: 2 }] });
    expect(reduceLive(once, [event(11, "metric", { key: "loss", step: 1, value: 2 })])).toEqual(once);
  });

  it("keeps the last progress and counts log lines without holding them", () => {
    const live = reduceLive(startLive(0), [
      event(1, "progress", { step: 1, steps: 10, tokensPerSecond: 5, etaSeconds: 9 }),
      event(2, "log", { stream: "stdout", line: "a" }),
      event(3, "progress", { step: 2, steps: 10, tokensPerSecond: null, etaSeconds: null }),
      event(4, "log", { stream: "stdout", line: "b" }),
    ]);
    expect(live).toMatchObject({ progress: { step: 2, steps: 10 }, logEvents: 2, lastSeq: 4, changes: 0 });
  });

  it("asks for the snapshot again when the state moved, and ends with the stream", () => {
    const live = reduceLive(startLive(0), [event(1, "job", { state: "running" }), event(2, "checkpoint"), event(0, "end")]);
    expect(live).toMatchObject({ changes: 3, isEnded: true });
  });

  it("keeps a loss that is not a number", () => {
    expect(reduceLive(startLive(0), [event(1, "metric", { key: "loss", step: 3, value: "NaN" })]).points).toEqual([
      { key: "loss", step: 3, value: "NaN" },
    ]);
  });

  it("passes over a message that is no event", () => {
    expect([readJobEvent("{"), readJobEvent('{"seq":"x"}')]).toEqual([null, null]);
  });
});
