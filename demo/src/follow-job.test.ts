import { describe, expect, it } from "vitest";
import { jobProgress } from "./follow-job.js";

const progress = { step: 30, steps: 120, tokensPerSecond: 8123.4, etaSeconds: 41.7 };

describe("a job's progress", () => {
  it("shows the share of steps, speed and time left while it runs", () => {
    expect(jobProgress({ state: "running", progress, position: null })).toEqual({ fraction: 0.25, note: "8,123 tokens/s, 42 s left" });
  });

  it("says so when the runner is silent, and keeps the last share", () => {
    expect(jobProgress({ state: "no_signal", progress, position: null })).toEqual({
      fraction: 0.25,
      note: "no signal, 8,123 tokens/s, 42 s left",
    });
  });

  it("shows the place in the queue", () => {
    expect(jobProgress({ state: "queued", progress: null, position: 2 })).toEqual({ fraction: 0, note: "queued, place 2" });
  });

  it("is not finished before the job is", () => {
    expect(jobProgress({ state: "evaluating", progress: { ...progress, step: 120 }, position: null }).fraction).toBeLessThan(1);
    expect(jobProgress({ state: "running", progress: { ...progress, steps: 0 }, position: null }).fraction).toBe(0);
  });
});
