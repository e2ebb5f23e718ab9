import { describe, expect, it } from "vitest";
import { costOf, priceAt, splitByLargestRemainder, storageCost } from "./cost.js";
import { type Payer, type SharedCost, splitShared } from "./shared-cost.js";

/** The same numbers on every run (mulberry32), even in their last digits. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

describe("cost", () => {
  it("is exact and rounds half a unit up", () => {
    expect([costOf(3_600_000, 1250), costOf(1_800_000, 1), costOf(1_799_999, 1), costOf(0, 99), costOf(1, 7_200_000)]).toEqual([
      1250, 1, 0, 0, 2,
    ]);
    expect(costOf(86_400_000 * 365, 99_999_999)).toBe(8760 * 99_999_999);
  });

  it("goes by the price that held at the start", () => {
    const prices = [
      { amount: 100, validFrom: new Date("2026-01-01T00:00:00Z") },
      { amount: 200, validFrom: new Date("2026-06-01T00:00:00Z") },
    ];
    const at = (text: string) => priceAt(prices, new Date(text));
    expect([at("2025-12-31T23:59:59.999Z"), at("2026-01-01T00:00:00Z"), at("2026-05-31T23:59:59Z"), at("2026-06-01T00:00:00Z")]).toEqual([
      0, 100, 100, 200,
    ]);
    expect(priceAt([...prices].reverse(), new Date("2026-07-01T00:00:00Z"))).toBe(200);
  });

  it("of storage is rounded once for the month", () => {
    const gib = 1024 ** 3;
    const days = Array.from({ length: 30 }, () => ({ bytes: gib, price: 10 }));
    expect(storageCost(days, 30)).toBe(10);
    expect(storageCost(days.slice(0, 15), 30)).toBe(5);
    expect(storageCost([], 30)).toBe(0);
  });
});

describe("a split", () => {
  it("adds up, gives each within one unit of its share, and is the same each time", () => {
    const next = random(7);
    for (let turn = 0; turn < 2000; turn += 1) {
      const amount = next(1_000_000) - 200_000;
      const weights = Array.from({ length: 1 + next(12) }, () => (next(4) === 0 ? 0 : next(1000)));
      const parts = splitByLargestRemainder(amount, weights);
      const sum = weights.reduce((total, weight) => total + weight, 0);
      expect(parts.reduce((total, part) => total + part, 0)).toBe(amount);
      for (const [index, part] of parts.entries()) {
        const share = sum === 0 ? amount / weights.length : (amount * (weights[index] ?? 0)) / sum;
        expect(Math.abs(part - share)).toBeLessThan(1);
        if (sum > 0 && weights[index] === 0) expect(part).toBe(0);
      }
      expect(splitByLargestRemainder(amount, weights)).toEqual(parts);
    }
  });

  it("gives the units left over to the largest fractions, on a tie to the first", () => {
    expect(splitByLargestRemainder(100, [1, 1, 1])).toEqual([34, 33, 33]);
    expect(splitByLargestRemainder(10, [2, 3, 6])).toEqual([2, 3, 5]);
    expect(splitByLargestRemainder(-100, [1, 1, 1])).toEqual([-34, -33, -33]);
    expect(splitByLargestRemainder(5, [])).toEqual([]);
  });
});

describe("the shared tiers", () => {
  const payer = (institution: string, milliseconds: number, versions: Record<string, number> = {}): Payer => ({
    institution,
    milliseconds,
    versions: new Map(Object.entries(versions)),
  });
  const costs: SharedCost[] = [
    { line: "finance/ledger", amount: 100 },
    { line: "foundation/base", amount: 60 },
  ];
  it("are split by the rule, and equally where it finds nothing to weigh by", () => {
    const payers = [payer("a", 3000, { "finance/ledger": 3 }), payer("b", 1000, { "finance/ledger": 1 })];
    expect(splitShared("equal", costs, payers)).toEqual([80, 80]);
    expect(splitShared("gpu_hours", costs, payers)).toEqual([120, 40]);
    expect(splitShared("versions", costs, payers)).toEqual([75 + 30, 25 + 30]);
    expect(splitShared("gpu_hours", costs, [payer("a", 0), payer("b", 0)])).toEqual([80, 80]);
    expect(splitShared("versions", [{ line: null, amount: 7 }], payers)).toEqual([4, 3]);
    expect(splitShared("equal", costs, [])).toEqual([]);
  });
});
