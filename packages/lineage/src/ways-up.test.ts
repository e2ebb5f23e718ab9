import fc from "fast-check";
import { expect, it } from "vitest";
import { ancestorsOf, type Edge } from "./edges.js";
import { waysUp } from "./ways-up.js";

const edge = (child: string, parent: string): Edge => ({ child, parent });

it("takes the shortest way and counts them all", () => {
  const edges = [edge("d", "c"), edge("c", "b"), edge("b", "a"), edge("c", "a"), edge("x", "a")];
  expect(waysUp(edges, "d", "a")).toEqual({ shortest: [edge("d", "c"), edge("c", "a")], ways: 2 });
});

it("says that there is none, between strangers, downwards and to oneself", () => {
  const edges = [edge("b", "a"), edge("c", "a")];
  for (const [child, ancestor] of [
    ["b", "c"],
    ["a", "b"],
    ["b", "b"],
  ] as const) {
    expect(waysUp(edges, child, ancestor)).toEqual({ shortest: [], ways: 0 });
  }
});

it("finds a way exactly to the ancestors, each step joined to the next", () => {
  const graph = fc.array(fc.tuple(fc.nat(12), fc.nat(12)), { maxLength: 30 });
  fc.assert(
    fc.property(graph, fc.nat(12), fc.nat(12), (pairs, from, to) => {
      const edges = pairs.filter(([a, b]) => a !== b).map(([a, b]) => edge(String(Math.max(a, b)), String(Math.min(a, b))));
      const { shortest, ways } = waysUp(edges, String(from), String(to));
      expect(shortest.length > 0).toBe(ancestorsOf(edges, String(from)).has(String(to)));
      expect(ways > 0).toBe(shortest.length > 0);
      if (shortest.length === 0) return;
      expect([shortest[0]?.child, shortest.at(-1)?.parent]).toEqual([String(from), String(to)]);
      for (const [index, step] of shortest.slice(1).entries()) expect(step.child).toBe(shortest[index]?.parent);
    }),
  );
});
