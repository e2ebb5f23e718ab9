import { expect, it } from "vitest";
import { apart, median } from "./median.js";

it("the middle of an odd and an even number of times", () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
});

it("two medians are apart by a share of the smaller one, whichever that is", () => {
  expect([apart([1, 1, 9], [1.1, 1.1, 0]), apart([2], [1])].map((share) => Math.round(share * 100))).toEqual([10, 100]);
});
