import fc from "fast-check";
import { expect, it } from "vitest";
import { ancestorsOf, closesCycle, descendantsOf, distancesFrom, type Edge, hasCycle } from "./edges.js";
import { type ClosureRow, closureGain, linesBelow } from "./line-closure.js";
import { type LinePlace, placeOnLine } from "./place-on-line.js";

/** Each entry is one version: the model it joins and the earlier versions it derives from. */
const history = fc.array(fc.record({ model: fc.nat(4), parents: fc.uniqueArray(fc.nat(), { maxLength: 3 }) }), {
  minLength: 1,
  maxLength: 40,
});
type History = readonly { readonly model: number; readonly parents: readonly number[] }[];

function build(versions: History) {
  const placed: { readonly model: number; readonly place: LinePlace }[] = [];
  const tips = new Map<string, number>();
  const closure: ClosureRow[] = [];
  const edges: Edge[] = [];
  versions.forEach(({ model, parents }, index) => {
    const chosen = index === 0 ? [] : [...new Set(parents.map((parent) => parent % index))];
    const above = chosen.flatMap((parent) => placed[parent] ?? []);
    const placement = placeOnLine(above.map((p) => ({ ...p.place, tip: tips.get(p.place.line) ?? 0, sameModel: p.model === model })));
    const place = placement.kind === "append" ? placement : { line: `line-${index}`, seq: 1 };
    closure.push(
      ...closureGain(
        closure,
        place,
        above.map((p) => p.place),
      ),
    );
    tips.set(place.line, place.seq);
    placed.push({ model, place: { line: place.line, seq: place.seq } });
    edges.push(...chosen.map((parent) => ({ child: String(index), parent: String(parent) })));
  });
  return { placed, closure, edges };
}

it("finds exactly the descendants that the slow walk finds, for every version of every history", () => {
  fc.assert(
    fc.property(history, (versions) => {
      const { placed, closure, edges } = build(versions);
      placed.forEach(({ place }, index) => {
        const below = linesBelow(closure, place);
        const found = placed.flatMap((other, id) =>
          below.some(({ line, seq }) => other.place.line === line && other.place.seq >= seq) ? [String(id)] : [],
        );
        expect(found.sort()).toEqual([...descendantsOf(edges, String(index))].sort());
      });
    }),
  );
});

it("never puts two versions on one place", () => {
  fc.assert(
    fc.property(history, (versions) => {
      const places = build(versions).placed.map(({ place }) => `${place.line} ${place.seq}`);
      expect(new Set(places).size).toBe(places.length);
    }),
  );
});

it("needs one row per line above, not one per version above", () => {
  const chain = Array.from({ length: 30 }, (_, index) => ({ model: 0, parents: index === 0 ? [] : [index - 1] }));
  const { closure } = build([...chain, { model: 1, parents: [29] }, { model: 2, parents: [30] }]);
  expect(closure).toHaveLength(3);
});

it("gains nothing when a line grows by its tip, or merges what it descends from already", () => {
  const base = [
    { model: 0, parents: [] },
    { model: 1, parents: [0] },
  ];
  const before = build(base).closure;
  const grown = [...base, { model: 1, parents: [1] }, { model: 1, parents: [2, 0] }];
  expect(before).toHaveLength(1);
  expect(build(grown).closure).toEqual(before);
});

it("continues a model's line only from its tip", () => {
  const parent = { line: "l", seq: 2, sameModel: true };
  expect(placeOnLine([{ ...parent, tip: 2 }])).toEqual({ kind: "append", line: "l", seq: 3 });
  expect(placeOnLine([{ ...parent, tip: 3 }])).toEqual({ kind: "start" });
  expect(placeOnLine([{ ...parent, tip: 2, sameModel: false }])).toEqual({ kind: "start" });
  expect(placeOnLine([])).toEqual({ kind: "start" });
});

it("counts the shortest way, up as negative and down as positive hops", () => {
  const edges = [
    ["b", "a"],
    ["c", "b"],
    ["c", "a"],
    ["d", "c"],
  ].map(([child = "", parent = ""]) => ({ child, parent }));
  expect([...distancesFrom(edges, "c")].sort()).toEqual([
    ["a", -1],
    ["b", -1],
    ["c", 0],
    ["d", 1],
  ]);
});

it("sees a cycle before it is closed and after", () => {
  const names = fc.constantFrom("a", "b", "c", "d", "e");
  fc.assert(
    fc.property(fc.array(fc.record({ child: names, parent: names }), { maxLength: 12 }), (wanted) => {
      const edges: Edge[] = [];
      for (const edge of wanted) if (!closesCycle(edges, edge)) edges.push(edge);
      expect(hasCycle(edges)).toBe(false);
      for (const { child, parent } of edges) {
        expect(ancestorsOf(edges, child).has(parent)).toBe(true);
        expect(hasCycle([...edges, { child: parent, parent: child }])).toBe(true);
      }
    }),
  );
});
