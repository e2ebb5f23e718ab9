import { describe, expect, it } from "vitest";
import { decodeWaitStatus, statusOfJob } from "./job-status.js";
import type { SlurmJob } from "./slurm-transport.js";

const aJob = (over: Partial<SlurmJob> = {}): SlurmJob => ({
  id: "7",
  name: "zig-1-1",
  states: ["RUNNING"],
  reason: null,
  submittedAt: 1_796_005_855,
  startsAt: 1_796_005_856,
  endsAt: 1_796_092_256,
  exit: { code: 0, signal: 0 },
  restarts: 0,
  nodes: ["n1"],
  nodeCount: 1,
  taskCount: 1,
  gpusPerNode: [],
  ...over,
});

describe("the status of a job", () => {
  it("decodes wait statuses as they were seen", () => {
    const seen = [768, 9, 35_072, 4021, 15, 18_432].map(decodeWaitStatus).map(({ code, signal }) => `${code}:${signal}`);
    expect(seen).toEqual(["3:0", "0:9", "137:0", "15:53", "0:15", "72:0"]);
  });

  it("has times only where they have happened", () => {
    expect(statusOfJob(aJob())).toMatchObject({
      state: "running",
      startedAt: "2026-11-30T02:30:56.000Z",
      endedAt: null,
      estimatedStart: null,
    });
    expect(statusOfJob(aJob({ states: ["PENDING"], reason: "Resources", nodes: [] }))).toMatchObject({
      state: "queued",
      startedAt: null,
      estimatedStart: "2026-11-30T02:30:56.000Z",
      waits: { code: "capacity", raw: "Resources" },
      exitCode: null,
    });
    expect(statusOfJob(aJob({ states: ["COMPLETED"] }))).toMatchObject({
      state: "succeeded",
      exitCode: 0,
      endedAt: "2026-12-01T02:30:56.000Z",
    });
  });

  it.each<[string, Partial<SlurmJob>, number | null, RegExp | null]>([
    ["an exit code", { states: ["FAILED"], reason: "NonZeroExitCode", exit: { code: 3, signal: 0 } }, 3, null],
    // Slurm calls a killed batch script a launch failure.
    ["a signal", { states: ["FAILED"], reason: "JobLaunchFailure", exit: { code: 0, signal: 9 } }, 137, /signal 9/],
    [
      "a launch that failed",
      { states: ["FAILED"], reason: "JobLaunchFailure", exit: { code: 15, signal: 53 } },
      16,
      /could not start it on n1/,
    ],
    ["a folder that is gone", { states: ["FAILED"], exit: { code: 72, signal: 0 } }, 16, /shared folder is missing on n1/],
    ["an interpreter that is gone", { states: ["FAILED"], exit: { code: 127, signal: 0 } }, 16, /missing on n1/],
    ["no node for it", { states: ["FAILED"], reason: "BadConstraints", exit: { code: 1, signal: 0 }, nodes: [] }, 16, /BadConstraints/],
    ["its time limit", { states: ["TIMEOUT"], reason: "TimeLimit" }, 23, /time limit/],
    ["its deadline", { states: ["DEADLINE"] }, 23, /time limit/],
    ["memory", { states: ["OUT_OF_MEMORY"], exit: { code: 0, signal: 125 } }, 13, /memory/],
  ])("fails by %s", (_, over, exitCode, message) => {
    const status = statusOfJob(aJob(over));
    expect(status).toMatchObject({ state: "failed", exitCode });
    if (message !== null) expect(status.reachable && status.message).toMatch(message);
  });

  it.each(["NODE_FAIL", "BOOT_FAIL", "PREEMPTED", "REVOKED"])("is lost by %s, whatever its exit code says", (state) => {
    expect(statusOfJob(aJob({ states: [state], exit: { code: 0, signal: 0 } }))).toMatchObject({ state: "lost", exitCode: null });
  });

  it("shows what Slurm itself says", () => {
    const status = statusOfJob(aJob({ states: ["FAILED"], reason: "NonZeroExitCode", exit: { code: 3, signal: 0 } }));
    expect(status.reachable && status.engineState).toBe("FAILED · NonZeroExitCode · 3:0");
    expect(statusOfJob(aJob({ states: ["SLEEPING"] }))).toMatchObject({ reachable: false, message: expect.stringContaining("SLEEPING") });
  });

  it("counts a job that Slurm put back, and calls held what somebody holds", () => {
    const back = aJob({ states: ["PENDING"], reason: "BeginTime", restarts: 1, nodes: [] });
    expect(statusOfJob(back)).toMatchObject({ state: "queued", restarts: 1, waits: { code: "put_back", raw: "BeginTime" } });
    expect(statusOfJob(aJob({ states: ["SUSPENDED"] }))).toMatchObject({ state: "queued", waits: { code: "held", raw: "SUSPENDED" } });
    expect(statusOfJob(aJob({ states: ["PENDING"], nodes: [] }))).toMatchObject({ waits: null });
  });
});
