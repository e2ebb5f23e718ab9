import { expect, it } from "vitest";
import { brokenGuard, type GuardFacts } from "./guards.js";

const kept: GuardFacts = { maxSeconds: 100, seconds: 99, maxCost: 50, cost: 49, minUse: { use: 0.2, forSeconds: 60 }, use: 0.2 };

it("tells which guard a run breaks, with the limit and what it came to", () => {
  expect(brokenGuard(kept)).toBeNull();
  expect(brokenGuard({ ...kept, seconds: 100 })).toMatchObject({ guard: "max_seconds", limit: 100, actual: 100 });
  expect(brokenGuard({ ...kept, cost: 50 })).toMatchObject({
    guard: "max_cost",
    limit: 50,
    detail: "it has cost 50 of at most 50 minor units",
  });
  expect(brokenGuard({ ...kept, use: 0.19 })).toMatchObject({ guard: "min_use", detail: expect.stringContaining("19 % busy over 60 s") });
});

it("asks nothing that is not guarded, not measured, or not yet measured long enough", () => {
  expect(brokenGuard({ maxSeconds: null, seconds: 1e9, maxCost: null, cost: 1e9, minUse: null, use: 0 })).toBeNull();
  expect(brokenGuard({ ...kept, use: null })).toBeNull();
  expect(brokenGuard({ ...kept, seconds: 59, use: 0 })).toBeNull();
});
