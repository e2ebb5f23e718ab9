import { describe, expect, it } from "vitest";
import { aPyramid } from "../../test/builders.js";
import { childrenOf, familyOf } from "./family.js";
import { filterPyramid } from "./filter-pyramid.js";
import { cellAt, layoutMap, neighbourOf } from "./map-layout.js";
import { linesOf } from "./map-lines.js";
import { sortRows } from "./sort-rows.js";

type Row = readonly [string, "released", number];
const row = (ref: string, parent: number): Row => [ref, "released", parent];

/** One foundation, two finance models, and `perBank` task models at each of `banks` institutions. */
function pyramidOf(banks: number, perBank: number) {
  const rows: Row[] = [row("foundation/atlas@1", -1), row("finance/ledger@1", 0), row("finance/quiet@1", 0)];
  for (let bank = 0; bank < banks; bank++)
    for (let at = 0; at < perBank - (bank % 3); at++) rows.push(row(`bank${String(bank).padStart(3, "0")}/task-${at}@1`, 1));
  return aPyramid(rows);
}
const all = (pyramid: ReturnType<typeof aPyramid>) => pyramid.ref.map((_, index) => index);
const wish = { width: 1200, height: 700, zoom: 1 };

describe("the map", () => {
  it("has the institutions' band on top, then finance, then foundation, with their counts", () => {
    const pyramid = pyramidOf(2, 4);
    const { bands } = layoutMap(pyramid, all(pyramid), wish);
    expect(bands.map(({ tier, count }) => [tier, count])).toEqual([
      [2, 7],
      [1, 2],
      [0, 1],
    ]);
    expect(bands.every((band, at) => at === 0 || band.top >= (bands[at - 1]?.top ?? 0) + (bands[at - 1]?.height ?? 0))).toBe(true);
  });

  it("puts every cell inside its band and no two in the same place", () => {
    const pyramid = pyramidOf(40, 60);
    const layout = layoutMap(pyramid, all(pyramid), wish);
    const places = new Set(layout.order.map((index) => `${layout.x[index]} ${layout.y[index]}`));
    expect(places.size).toBe(pyramid.ref.length);
    for (const index of layout.order) {
      const band = layout.bands.find(({ tier }) => tier === pyramid.tier[index]);
      const y = layout.y[index] ?? -1;
      expect(band && y >= band.top && y + (layout.cellHeight[index] ?? 0) <= band.top + band.height).toBe(true);
      expect((layout.x[index] ?? 0) + (layout.cellWidth[index] ?? 0)).toBeLessThanOrEqual(wish.width);
    }
  });

  it("gathers institutions in blocks, largest first, and gives the same picture for the same data", () => {
    const pyramid = pyramidOf(9, 30);
    const layout = layoutMap(pyramid, all(pyramid), wish);
    const counts = layout.blocks.map(({ count }) => count);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
    expect(layoutMap(pyramid, all(pyramid), wish)).toEqual(layout);
  });

  it("shrinks cells until they fit, but never below 4 px", () => {
    const crowded = pyramidOf(60, 330);
    const layout = layoutMap(crowded, all(crowded), wish);
    expect(layout.cellWidth[layout.order[0] ?? 0]).toBe(4);
  });

  it("leaves out what is filtered, and finds what is under the pointer", () => {
    const pyramid = pyramidOf(2, 3);
    const layout = layoutMap(pyramid, filterPyramid(pyramid, { tier: "finance" }), wish);
    expect(layout.order).toEqual([1, 2]);
    expect(cellAt(layout, (layout.x[2] ?? 0) + 2, (layout.y[2] ?? 0) + 2)).toBe(2);
    expect(cellAt(layout, 2, 2)).toBe(-1);
  });

  it("reaches every cell by arrow keys", () => {
    const pyramid = pyramidOf(3, 5);
    const layout = layoutMap(pyramid, all(pyramid), wish);
    let at = layout.order[0] ?? -1;
    const seen = new Set([at]);
    for (let step = 0; step < pyramid.ref.length; step++) {
      at = neighbourOf(layout, at, "right");
      seen.add(at);
    }
    expect(seen.size).toBe(pyramid.ref.length);
    expect(neighbourOf(layout, layout.order[0] ?? -1, "down")).not.toBe(layout.order[0]);
  });
});

describe("a family", () => {
  it("is the chain to the ground and all that was derived", () => {
    const pyramid = pyramidOf(1, 3);
    const family = familyOf(1, pyramid.parent, childrenOf(pyramid.parent));
    expect([family.ancestors, family.descendants]).toEqual([[0], [3, 4, 5]]);
    expect([...family.mask]).toEqual([1, 1, 0, 1, 1, 1]);
  });

  it("ends although the columns hold a circle", () => {
    const circle = aPyramid([row("finance/a@1", 1), row("finance/b@1", 0)]);
    expect(familyOf(0, circle.parent, childrenOf(circle.parent)).ancestors).toEqual([1]);
  });

  it("has a line each up to 40 descendants, and above that one per block with its count", () => {
    const few = pyramidOf(4, 10);
    const fewLayout = layoutMap(few, all(few), wish);
    expect(linesOf(familyOf(1, few.parent, childrenOf(few.parent)), fewLayout, few.institution)).toHaveLength(1 + few.ref.length - 3);
    const many = pyramidOf(5, 20);
    const manyLayout = layoutMap(many, all(many), wish);
    const lines = linesOf(familyOf(1, many.parent, childrenOf(many.parent)), manyLayout, many.institution);
    expect(lines).toHaveLength(1 + 5);
    const blocks = lines.slice(1).map(({ to }) => ("count" in to ? [to.institution, to.count] : []));
    expect(blocks.sort()).toEqual(manyLayout.blocks.map(({ institution, count }) => [institution, count]).sort());
  });
});

it("the table has the rows of the map under the same filter", () => {
  const pyramid = pyramidOf(3, 4);
  const shown = filterPyramid(pyramid, { q: "bank001", state: "released" });
  expect(sortRows(pyramid, shown, "version", false, "en").sort()).toEqual([...shown].sort());
  expect(layoutMap(pyramid, shown, wish).order.length).toBe(shown.length);
});
