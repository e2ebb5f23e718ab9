import { describe, expect, it } from "vitest";
import { curveOf, metricKeys, smooth } from "./chart-data.js";

const series = [
  {
    key: "loss",
    count: 3,
    thinned: false,
    points: [
      { step: 1, value: 4 },
      { step: 2, value: "NaN" as const },
      { step: 3, value: 2 },
    ],
  },
];

describe("curves", () => {
  it("joins stored and live points, one per step, the later word winning", () => {
    const curve = curveOf("loss", series, [
      { key: "loss", step: 3, value: 1.9 },
      { key: "loss", step: 4, value: 1.5 },
      { key: "lr", step: 5, value: 9 },
    ]);
    expect(curve).toEqual({ steps: [1, 2, 3, 4], values: [4, Number.NaN, 1.9, 1.5] });
  });

  it("keeps the lowest and the highest value", () => {
    const { values } = curveOf("loss", series, []);
    expect([Math.min(...values.filter(Number.isFinite)), Math.max(...values.filter(Number.isFinite))]).toEqual([2, 4]);
  });

  it("smooths a constant to itself, passes over gaps, and does not smooth at weight 0", () => {
    expect(smooth([5, 5, Number.NaN, 5], 0.9).map((value) => (Number.isNaN(value) ? null : Math.round(value * 1e9) / 1e9))).toEqual([
      5,
      5,
      null,
      5,
    ]);
    expect(smooth([1, 2, 3], 0)).toEqual([1, 2, 3]);
  });

  it("offers the training loss first", () => {
    expect(
      metricKeys(
        [{ ...series[0], key: "lr", count: 0, thinned: false, points: [] }, ...series],
        [{ key: "evalLoss_loss", step: 1, value: 1 }],
      ),
    ).toEqual(["loss", "evalLoss_loss", "lr"]);
  });
});
