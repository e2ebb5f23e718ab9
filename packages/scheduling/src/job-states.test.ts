import { JOB_STATES } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { canMove, FINAL_STATES, faultsOf, INITIAL_STATES, isFinal, JOB_MOVES } from "./job-states.js";

describe("job states", () => {
  it("has no unreachable state and no dead end", () => {
    expect(faultsOf(JOB_MOVES, INITIAL_STATES, FINAL_STATES)).toEqual([]);
  });

  it("finds a state nobody reaches and a state that is stuck", () => {
    const broken = { ...JOB_MOVES, collecting: ["collecting"], queued: ["paused"], awaiting_approval: ["queued"] };
    const faults = faultsOf(broken, INITIAL_STATES, FINAL_STATES);
    expect(faults).toContain("running is unreachable");
    expect(faults).toContain("collecting is a dead end");
  });

  it("lets every state that is not final be cancelled", () => {
    for (const state of JOB_STATES) if (!isFinal(state)) expect(canMove(state, "cancelled"), state).toBe(true);
  });

  it("never leaves a success", () => {
    expect(JOB_MOVES.succeeded).toEqual([]);
  });

  it("reaches success only through collecting", () => {
    const before = JOB_STATES.filter((state) => JOB_MOVES[state].includes("succeeded"));
    expect(before).toEqual(["collecting", "evaluating"]);
    expect(JOB_STATES.filter((state) => JOB_MOVES[state].includes("evaluating"))).toEqual(["collecting"]);
  });
});
