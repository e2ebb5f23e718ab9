import { describe, expect, it } from "vitest";
import { pairsOf, turned } from "./absent.js";

const known = new Set(["southbank/cards@1", "southbank/cards@2", "southbank/cards", "a@south.example"]);
const pairs = (kind: Parameters<typeof pairsOf>[0], theirs: string) => pairsOf(kind, theirs, (value) => known.has(value), "northbank");

describe("what nobody has", () => {
  it.each([
    ["version", "southbank/cards@1"],
    ["dataset", "southbank/cards"],
    ["digest", "0123456789abcdef".repeat(4)],
    ["id:job", `job_${"0af3".repeat(8)}`],
    ["email", "a@south.example"],
    ["cursor", "WyJhIl0.c2lnbmF0dXJl"],
    ["alias", "live-z"],
  ] as const)("is a %s as long and of the same shape", (kind, theirs) => {
    for (const pair of pairs(kind, theirs)) {
      expect(pair.absent).not.toBe(pair.theirs);
      expect(pair.absent).toHaveLength(pair.theirs.length);
      expect(shapeOf(pair.absent)).toBe(shapeOf(pair.theirs));
      expect(known.has(pair.absent)).toBe(false);
    }
  });

  it("differs from a version in one part at a time: the name, the namespace, the number, and the name in one's own namespace", () => {
    expect(pairs("version", "southbank/cards@1").map(({ theirs, absent }) => [theirs, absent])).toEqual([
      ["southbank/cards@1", "southbank/dbset@1"],
      ["southbank/cards@1", "tpvuicbol/cards@1"],
      ["northbank/cards@1", "northbank/dbset@1"],
      ["southbank/cards@1", "southbank/cards@3"],
    ]);
  });

  it("keeps the place in a forged cursor and changes its signature", () => {
    expect(pairs("cursor", "WyJhIl0.abc")).toMatchObject([{ absent: "WyJhIl0.bcd" }]);
  });

  it("is a letter on, from z to a", () => {
    expect(turned("az-Z9")).toBe("ba-A9");
  });
});

const shapeOf = (text: string): string =>
  text.replace(/[a-z]/gi, "x").replace(/\d/g, (digit) => (/^[0-9a-f_]+$|_/.test(text) ? "x" : digit && "0"));
