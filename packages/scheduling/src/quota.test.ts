import { QUOTA_DIMENSIONS, type QuotaDimension, type QuotaLimits } from "@ziggurat/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Amounts, barsOf, checkQuota, leftOf, NOTHING, QUOTA_CODES } from "./quota.js";

const NONE: QuotaLimits = { gpus: null, gpuHours: null, money: null, jobsQueued: null, storageBytes: null, mayBorrow: false };
const only = (dimension: QuotaDimension, stop: number, more: Partial<QuotaLimits> = {}): QuotaLimits => ({
  ...NONE,
  [dimension]: { stop, warnPercent: 80 },
  ...more,
});
const amount = (dimension: QuotaDimension, value: number): Amounts => ({ ...NOTHING, [dimension]: value });
const use = (used: Amounts, reserved: Amounts = NOTHING) => ({ used, reserved });
const codes = (...of: Parameters<typeof checkQuota>) => checkQuota(...of).map(({ code }) => code);

describe("a request against a quota", () => {
  it("is let in up to the stop and not one beyond, whatever is limited", () => {
    for (const dimension of QUOTA_DIMENSIONS.filter((one) => one !== "gpus")) {
      const limits = only(dimension, 10);
      expect(codes(amount(dimension, 3), use(amount(dimension, 4), amount(dimension, 3)), limits), dimension).toEqual([]);
      expect(codes(amount(dimension, 4), use(amount(dimension, 4), amount(dimension, 3)), limits), dimension).toEqual([
        QUOTA_CODES[dimension],
      ]);
      expect(codes(NOTHING, use(amount(dimension, 99)), limits), dimension).toEqual([]);
    }
  });

  it("is let in up to the stop to the last digit, whatever adding fractions of hours leaves", () => {
    const law = fc.property(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 30_000 }), (used, reserved) => {
      const stop = Math.ceil((used + reserved + 1) / 10_000);
      const wanted = stop * 10_000 - used - reserved;
      const so = use(amount("gpuHours", used / 10_000), amount("gpuHours", reserved / 10_000));
      expect(codes(amount("gpuHours", wanted / 10_000), so, only("gpuHours", stop))).toEqual([]);
      expect(codes(amount("gpuHours", (wanted + 1) / 10_000), so, only("gpuHours", stop))).toEqual(["quota_gpu_hours"]);
      expect(leftOf({ stop, warnPercent: 80 }, so.used.gpuHours + so.reserved.gpuHours)).toBe(wanted / 10_000);
    });
    fc.assert(law, { numRuns: 2000, examples: [[26_049, 3702]] });
  });

  it("is never refused without limits", () => {
    const much = Object.fromEntries(QUOTA_DIMENSIONS.map((dimension) => [dimension, 1e9])) as unknown as Amounts;
    for (const limits of [null, NONE]) expect(codes(much, use(much), limits)).toEqual([]);
  });

  it("waits for a place that is taken, and is refused where it could never have one", () => {
    expect(codes(amount("gpus", 1), use(amount("gpus", 5)), only("gpus", 5))).toEqual([]);
    expect(codes(amount("gpus", 1), use(NOTHING), only("gpus", 0))).toEqual(["quota_gpus"]);
    expect(codes(amount("gpus", 1), use(NOTHING), only("gpus", 0, { mayBorrow: true }))).toEqual([]);
  });

  it("says every amount over at once, and who can raise it", () => {
    const found = checkQuota({ ...amount("money", 30), gpuHours: 2 }, use(amount("money", 90)), {
      ...only("money", 100),
      gpuHours: { stop: 1, warnPercent: 80 },
    });
    expect(found.map(({ detail }) => detail)).toEqual([
      "GPU-hours this month: 2 wanted, 1 of 1 left, 1 over; proposed by institution_admin or platform_admin, decided by platform_admin",
      "budget this month (minor units): 30 wanted, 10 of 100 left, 20 over; proposed by institution_admin or platform_admin, decided by platform_admin",
    ]);
  });
});

describe("bars", () => {
  it("warn from the percentage on and are full at the stop, with what is reserved", () => {
    const state = (used: number, reserved = 0) => barsOf(use(amount("money", used), amount("money", reserved)), only("money", 100), 1)[2];
    expect([state(79)?.state, state(80)?.state, state(60, 20)?.state, state(100)?.state, state(1, 99)?.state]).toEqual([
      "within",
      "warning",
      "warning",
      "full",
      "full",
    ]);
    expect(state(60, 20)).toMatchObject({ used: 60, reserved: 20, percent: 80 });
  });

  it("foretell the end of the month at the pace so far, and never less than what is promised", () => {
    const forecast = (used: number, reserved: number, passed: number) =>
      barsOf(use(amount("gpuHours", used), amount("gpuHours", reserved)), null, passed)[1]?.forecast;
    expect([forecast(10, 0, 0.5), forecast(10, 30, 0.5), forecast(10, 0, 1), forecast(0, 5, 0)]).toEqual([20, 40, 10, 5]);
    expect(barsOf(use(amount("gpus", 3)), null, 0.5)[0]?.forecast).toBeNull();
  });

  it("say what is borrowed", () => {
    expect(barsOf(use(amount("gpus", 5)), only("gpus", 3), 0.5)[0]).toMatchObject({ borrowed: 2, state: "full" });
    expect(barsOf(use(amount("gpus", 5)), null, 0.5)[0]).toMatchObject({ borrowed: 0, percent: null, state: "within" });
  });
});
