import { describe, expect, it } from "vitest";
import { thinMetric } from "./thin-metric.js";

const series = (length: number, value: (step: number) => number) => Array.from({ length }, (_, step) => ({ step, value: value(step) }));

describe("thinned metrics", () => {
  it("leaves a short series as it is", () => {
    const points = series(10, Math.sin);
    expect(thinMetric(points, 10)).toBe(points);
  });

  it("keeps within the limit, in order, with both ends", () => {
    for (const [length, limit] of [
      [11, 10],
      [1000, 4],
      [1000, 7],
      [99_999, 1000],
    ] as const) {
      const thinned = thinMetric(series(length, Math.sin), limit);
      expect(thinned.length).toBeLessThanOrEqual(limit);
      expect(thinned[0]?.step).toBe(0);
      expect(thinned.at(-1)?.step).toBe(length - 1);
      expect(thinned.every((point, index) => index === 0 || point.step > (thinned[index - 1]?.step ?? -1))).toBe(true);
    }
  });

  it("keeps a single spike and a single dip wherever they lie", () => {
    for (const at of [1, 137, 500, 998]) {
      const thinned = thinMetric(
        series(1000, (step) => (step === at ? 1e9 : step === 999 - at ? -1e9 : 0)),
        40,
      );
      expect(Math.max(...thinned.map((point) => point.value))).toBe(1e9);
      expect(Math.min(...thinned.map((point) => point.value))).toBe(-1e9);
    }
  });

  it("keeps the one point that is not a number", () => {
    for (const at of [0, 3, 777])
      expect(
        thinMetric(
          series(1000, (step) => (step === at ? Number.NaN : step)),
          40,
        ).some((point) => Number.isNaN(point.value)),
      ).toBe(true);
  });
});
