import { describe, expect, it } from "vitest";
import { RUN_STATES } from "../cluster-driver.js";
import { BASE_STATE_NAMES, FLAG_NAMES, isOver, runStateOf } from "./job-states.js";

/** `enum job_states` and the flags of `slurm.h`, by the names that Slurm 22.05 to 26.05 print. */
const PRINTED = [
  ["PENDING", "RUNNING", "SUSPENDED", "COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL", "PREEMPTED", "BOOT_FAIL"],
  ["DEADLINE", "OUT_OF_MEMORY", "LAUNCH_FAILED", "UPDATE_DB", "REQUEUED", "REQUEUE_HOLD", "SPECIAL_EXIT", "RESIZING", "CONFIGURING"],
  ["COMPLETING", "STOPPED", "RECONFIG_FAIL", "POWER_UP_NODE", "REVOKED", "REQUEUE_FED", "RESV_DEL_HOLD", "SIGNALING", "STAGE_OUT"],
  ["EXPEDITING", "GETENV_FAILED"],
].flat();

describe("states of a job", () => {
  it("are all known, alone and beside a base state", () => {
    expect([...BASE_STATE_NAMES, ...FLAG_NAMES].sort()).toEqual(PRINTED.toSorted());
    for (const name of PRINTED) expect(RUN_STATES, name).toContain(runStateOf([name]));
    for (const base of BASE_STATE_NAMES) for (const flag of FLAG_NAMES) expect(RUN_STATES).toContain(runStateOf([base, flag]));
  });

  it("decide nothing by a word that nobody knows", () => {
    expect(runStateOf(["HIBERNATING"])).toBeNull();
    expect(runStateOf([])).toBeNull();
    expect(isOver(["HIBERNATING"])).toBe(false);
    expect(runStateOf(["RUNNING", "HIBERNATING"])).toBe("running");
  });

  it("end a run only once Slurm is done with it", () => {
    expect(runStateOf(["CANCELLED", "COMPLETING"])).toBe("running");
    expect(runStateOf(["PENDING", "COMPLETING"])).toBe("running");
    expect(runStateOf(["CANCELLED"])).toBe("cancelled");
  });

  it.each([
    ["lost", ["NODE_FAIL", "BOOT_FAIL", "PREEMPTED", "REVOKED"]],
    ["failed", ["FAILED", "TIMEOUT", "DEADLINE", "OUT_OF_MEMORY", "SPECIAL_EXIT"]],
    ["queued", ["PENDING", "SUSPENDED", "STOPPED", "REQUEUED", "REQUEUE_HOLD"]],
    ["scheduling", ["CONFIGURING", "POWER_UP_NODE"]],
  ])("are %s for %j", (state, names) => {
    for (const name of names) expect(runStateOf([name])).toBe(state);
  });
});
