import type { Family } from "./family.js";
import type { MapLayout } from "./map-layout.js";

const MOST_SINGLE_LINES = 40;

export interface MapLine {
  readonly fromX: number;
  readonly fromY: number;
  readonly toX: number;
  readonly toY: number;
  /** Indexes of the version it leads from, and of the one or the institution's block it leads to. */
  readonly from: number;
  readonly to: { readonly version: number } | { readonly institution: number; readonly count: number };
}

/**
 * Lines of a selection: along its ancestors, and to its descendants one each up to 40; above that one per institution block and
 * its count, because hundreds of single lines hide the picture.
 */
export function linesOf(family: Family, layout: MapLayout, institution: readonly number[]): MapLine[] {
  const middle = (index: number) => (layout.x[index] ?? 0) + (layout.cellWidth[index] ?? 0) / 2;
  const top = (index: number) => layout.y[index] ?? 0;
  const bottom = (index: number) => (layout.y[index] ?? 0) + (layout.cellHeight[index] ?? 0);
  const isShown = (index: number) => !Number.isNaN(layout.x[index] ?? Number.NaN);
  const between = (child: number, parent: number): MapLine => ({
    fromX: middle(parent),
    fromY: top(parent),
    toX: middle(child),
    toY: bottom(child),
    from: parent,
    to: { version: child },
  });
  const chain = [family.self, ...family.ancestors].filter(isShown);
  const up = chain.slice(1).map((parent, place) => between(chain[place] ?? parent, parent));
  const descendants = family.descendants.filter(isShown);
  if (descendants.length <= MOST_SINGLE_LINES) return [...up, ...descendants.map((child) => between(child, family.self))];
  const counts = new Map<number, number>();
  for (const index of descendants) {
    const at = institution[index] ?? -1;
    if (at >= 0) counts.set(at, (counts.get(at) ?? 0) + 1);
  }
  const toBlocks = layout.blocks.flatMap((block): MapLine[] => {
    const count = counts.get(block.institution);
    if (!count) return [];
    const { institution } = block;
    const [toX, toY] = [block.x + block.width / 2, block.y + block.height];
    return [{ fromX: middle(family.self), fromY: top(family.self), toX, toY, from: family.self, to: { institution, count } }];
  });
  return [...up, ...toBlocks];
}
