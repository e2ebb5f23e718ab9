import { JOB_STATES } from "@ziggurat/contracts";
import { expect, it } from "vitest";
import { aJob } from "../../test/builders.js";
import { isFinished, isWaiting, trackOf } from "./job-states.js";

const at = "2026-11-24T12:00:00.000Z";

it("shows what lies ahead of a running job, and nothing ahead of a finished one", () => {
  expect(trackOf(aJob()).map(({ state }) => state)).toEqual(["queued", "running", "collecting", "evaluating", "succeeded"]);
  const failed = aJob({
    state: "failed",
    history: [
      { state: "queued", at, reason: null },
      { state: "failed", at, reason: "out of memory" },
    ],
  });
  expect(trackOf(failed).map(({ state, isCurrent }) => [state, isCurrent])).toEqual([
    ["queued", false],
    ["failed", true],
  ]);
});

it("no state is both waiting and finished", () => {
  expect(JOB_STATES.filter((state) => isFinished(state) && isWaiting(state))).toEqual([]);
});
