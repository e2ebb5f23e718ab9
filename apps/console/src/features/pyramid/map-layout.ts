import type { Pyramid } from "@ziggurat/contracts";

/** Bands from the top: index of the tier in the contract's list. */
export const BANDS_TOP_DOWN = [2, 1, 0] as const;
export const HEADER_PX = 40;
const PAD_PX = 14;
const BAND_GAP_PX = 12;
const CARD = { width: 188, height: 30, gap: 8 } as const;
const LABEL_PX = 20;
const BLOCK_GAP_PX = 20;
const MOST_CARDS = 40;
const SIZES = [16, 14, 12, 10, 9, 8, 7, 6, 5, 4] as const;
const SMALLEST_PX = 4;

export interface Band {
  readonly tier: number;
  readonly top: number;
  readonly height: number;
  readonly count: number;
  readonly isLabelled: boolean;
}
export interface Block {
  /** Index into the pyramid's institutions. */
  readonly institution: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly count: number;
}
export interface MapLayout {
  readonly bands: readonly Band[];
  readonly blocks: readonly Block[];
  /** Left and top of each version's cell; NaN for one that is filtered out. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly cellWidth: Float32Array;
  readonly cellHeight: Float32Array;
  /** Shown versions in reading order. */
  readonly order: readonly number[];
  readonly height: number;
}

export interface MapWish {
  readonly width: number;
  /** Height the whole map should fit in, where the smallest cells allow it. */
  readonly height: number;
  /** 1 is the size that fits; larger makes larger cells. */
  readonly zoom: number;
}

/** Positions of all shown versions: three bands, the top one in blocks by institution, largest first. The same data gives the same picture. */
export function layoutMap(pyramid: Pyramid, shown: readonly number[], wish: MapWish): MapLayout {
  const size = pyramid.ref.length;
  const layout = {
    x: new Float32Array(size).fill(Number.NaN),
    y: new Float32Array(size).fill(Number.NaN),
    cellWidth: new Float32Array(size),
    cellHeight: new Float32Array(size),
  };
  const inner = Math.max(160, wish.width - 2 * PAD_PX);
  const members = BANDS_TOP_DOWN.map((tier) => shown.filter((index) => pyramid.tier[index] === tier));
  const institutions = byInstitution(pyramid, members[0] ?? []);
  const cell = fittingCell(institutions, [members[1]?.length ?? 0, members[2]?.length ?? 0], inner, wish);
  const bands: Band[] = [];
  const blocks: Block[] = [];
  const order: number[] = [];
  let top = 0;
  BANDS_TOP_DOWN.forEach((tier, place) => {
    const band = members[place] ?? [];
    const isLabelled = band.length <= MOST_CARDS && wish.zoom >= 1;
    const shape = isLabelled ? { ...CARD, height: CARD.height } : { width: cell, height: cell, gap: cell > 5 ? 2 : 1 };
    const groups = tier === 2 ? institutions : [{ institution: -1, members: band }];
    let x = PAD_PX;
    let y = top + HEADER_PX + 4;
    let rowHeight = 0;
    for (const group of groups) {
      const label = group.institution >= 0 ? LABEL_PX : 0;
      const columns = columnsOf(group.members.length, shape, inner, group.institution >= 0);
      const width = Math.max(group.institution >= 0 ? 96 : 0, columns * (shape.width + shape.gap) - shape.gap);
      const height = label + Math.ceil(group.members.length / columns) * (shape.height + shape.gap) - shape.gap;
      if (x > PAD_PX && x + width > PAD_PX + inner) {
        x = PAD_PX;
        y += rowHeight + BLOCK_GAP_PX;
        rowHeight = 0;
      }
      if (group.institution >= 0) blocks.push({ institution: group.institution, x, y, width, height, count: group.members.length });
      group.members.forEach((index, at) => {
        layout.x[index] = x + (at % columns) * (shape.width + shape.gap);
        layout.y[index] = y + label + Math.floor(at / columns) * (shape.height + shape.gap);
        layout.cellWidth[index] = shape.width;
        layout.cellHeight[index] = shape.height;
        order.push(index);
      });
      x += width + BLOCK_GAP_PX;
      rowHeight = Math.max(rowHeight, height);
    }
    const height = Math.max(y + rowHeight + PAD_PX - top, HEADER_PX + 44);
    bands.push({ tier, top, height, count: band.length, isLabelled });
    top += height + BAND_GAP_PX;
  });
  return { ...layout, bands, blocks, order, height: top - BAND_GAP_PX };
}

interface Group {
  readonly institution: number;
  readonly members: readonly number[];
}

function byInstitution(pyramid: Pyramid, band: readonly number[]): Group[] {
  const groups = new Map<number, number[]>();
  for (const index of band) {
    const institution = Math.max(0, pyramid.institution[index] ?? 0);
    const group = groups.get(institution);
    if (group) group.push(index);
    else groups.set(institution, [index]);
  }
  const nameOf = (institution: number) => pyramid.institutions[institution]?.slug ?? "";
  return [...groups]
    .map(([institution, members]) => ({ institution, members }))
    .sort((a, b) => b.members.length - a.members.length || nameOf(a.institution).localeCompare(nameOf(b.institution)));
}

interface Shape {
  readonly width: number;
  readonly height: number;
  readonly gap: number;
}

function columnsOf(count: number, shape: Shape, inner: number, isBlock: boolean): number {
  const most = Math.max(1, Math.floor((inner + shape.gap) / (shape.width + shape.gap)));
  if (!isBlock) return most;
  if (shape.width === CARD.width) return Math.min(most, Math.max(1, Math.ceil(count / 4)));
  // A block about two and a half times as wide as high reads best under its name.
  return Math.min(most, Math.max(1, Math.ceil(Math.sqrt(count * 2.5)), Math.ceil(96 / (shape.width + shape.gap))));
}

/** The largest cell with which the map fits its height, never below 4 px; zoom then scales it. */
function fittingCell(groups: readonly Group[], shared: readonly number[], inner: number, wish: MapWish): number {
  const fits = (cell: number) => {
    const shape = { width: cell, height: cell, gap: cell > 5 ? 2 : 1 };
    const flat = (count: number) => Math.ceil(count / columnsOf(count, shape, inner, false)) * (cell + shape.gap);
    let x = 0;
    let rowHeight = 0;
    let height = 0;
    for (const group of groups) {
      const columns = columnsOf(group.members.length, shape, inner, true);
      const width = Math.max(96, columns * (cell + shape.gap));
      if (x > 0 && x + width > inner) {
        height += rowHeight + BLOCK_GAP_PX;
        x = 0;
        rowHeight = 0;
      }
      x += width + BLOCK_GAP_PX;
      rowHeight = Math.max(rowHeight, LABEL_PX + Math.ceil(group.members.length / columns) * (cell + shape.gap));
    }
    const bands = 3 * (HEADER_PX + PAD_PX) + 2 * BAND_GAP_PX;
    return bands + height + rowHeight + shared.reduce((sum, count) => sum + flat(count), 0) <= wish.height;
  };
  const fitting = SIZES.find(fits) ?? SMALLEST_PX;
  return Math.max(SMALLEST_PX, Math.round(fitting * wish.zoom));
}

/** Version whose cell holds a point; -1 for none. */
export function cellAt(layout: MapLayout, x: number, y: number): number {
  for (const index of layout.order) {
    const left = layout.x[index] ?? 0;
    const top = layout.y[index] ?? 0;
    if (y >= top && y < top + (layout.cellHeight[index] ?? 0) + 1 && x >= left && x < left + (layout.cellWidth[index] ?? 0) + 1)
      return index;
  }
  return -1;
}

export type Direction = "left" | "right" | "up" | "down";

/** The next cell in a direction: along the reading order, or the nearest of the next row. */
export function neighbourOf(layout: MapLayout, from: number, direction: Direction): number {
  const place = layout.order.indexOf(from);
  if (place < 0) return layout.order[0] ?? -1;
  if (direction === "left" || direction === "right") return layout.order[place + (direction === "right" ? 1 : -1)] ?? from;
  const x = layout.x[from] ?? 0;
  const y = layout.y[from] ?? 0;
  const sign = direction === "down" ? 1 : -1;
  let best = from;
  let bestRow = Number.POSITIVE_INFINITY;
  let bestSide = Number.POSITIVE_INFINITY;
  for (const index of layout.order) {
    const row = ((layout.y[index] ?? 0) - y) * sign;
    if (row <= 0 || row > bestRow) continue;
    const side = Math.abs((layout.x[index] ?? 0) - x);
    if (row < bestRow || side < bestSide) {
      best = index;
      bestRow = row;
      bestSide = side;
    }
  }
  return best;
}
