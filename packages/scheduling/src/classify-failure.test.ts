import { FAILURE_CLASSES, FAILURES } from "@ziggurat/contracts";
import { describe, expect, it } from "vitest";
import { classifyFailure, MAX_ATTEMPTS, remedyOf, retryDelaySeconds } from "./classify-failure.js";

describe("failures", () => {
  it("retries exactly the classes that the contract says may be retried", () => {
    for (const failure of FAILURE_CLASSES) expect(classifyFailure(failure, 1) === "retry", failure).toBe(FAILURES[failure].retry);
  });

  it("stops retrying after a bounded number of attempts", () => {
    expect(classifyFailure("lost", MAX_ATTEMPTS - 1)).toBe("retry");
    expect(classifyFailure("lost", MAX_ATTEMPTS)).toBe("give_up");
  });

  it("waits longer each time, within ten minutes, and names a remedy", () => {
    expect([1, 2, 3, 9].map(retryDelaySeconds)).toEqual([2, 8, 32, 600]);
    for (const failure of FAILURE_CLASSES) expect(remedyOf(failure)).not.toBe("");
  });
});
