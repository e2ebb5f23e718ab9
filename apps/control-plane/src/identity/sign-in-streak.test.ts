import { describe, expect, it } from "vitest";
import { FORGET_SECONDS, waitSeconds } from "./sign-in-streak.js";

const rule = { freeTries: 5, longestWaitSeconds: 300, atOnce: 20 };
const waits = (failures: number, quietSeconds = 0) => waitSeconds(rule, { failures, quietSeconds, pending: 0 });

describe("wrong passwords in a row", () => {
  it("cost nothing at first, then twice as long each time, up to a longest wait", () => {
    expect([0, 4, 5, 6, 7, 8, 13, 14, 2000].map((failures) => waits(failures))).toEqual([0, 0, 1, 2, 4, 8, 256, 300, 300]);
  });

  it("are waited for once, and forgotten after a quiet spell", () => {
    expect([waits(8, 3), waits(8, 8), waits(8, 9)]).toEqual([5, 0, 0]);
    expect(waitSeconds({ ...rule, longestWaitSeconds: 1e6 }, { failures: 30, quietSeconds: FORGET_SECONDS + 1, pending: 0 })).toBe(0);
  });

  it("that come at once are looked at a few at a time", () => {
    const beside = (pending: number) => waitSeconds(rule, { failures: 0, quietSeconds: 0, pending });
    expect([beside(0), beside(19), beside(20)]).toEqual([0, 0, 1]);
  });

  it("are not counted where the operator wants no limit", () => {
    expect(waitSeconds({ ...rule, freeTries: 0 }, { failures: 1000, quietSeconds: 0, pending: 0 })).toBe(0);
  });
});
