import type { Card, CardLink, FamilyGraph, Lane } from "./family-graph.js";

export const CARD_WIDTH = 224;
export const CARD_HEIGHT = 72;
const GAP_X = 28;
const GAP_Y = 44;
const LANE_PAD = 24;
const LANE_GAP = 28;
/** Room for the lane's name at its left. */
export const LANE_LABEL = 132;
const MOST_IN_ROW = 5;

/** Lanes from the top. */
export const LANES_TOP_DOWN: readonly Lane[] = ["institution", "finance", "foundation", "datasets"];

export interface PlacedCard {
  readonly card: Card;
  readonly x: number;
  readonly y: number;
  readonly row: number;
}
export interface PlacedLane {
  readonly lane: Lane;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface FamilyLayout {
  readonly cards: readonly PlacedCard[];
  readonly lanes: readonly PlacedLane[];
  readonly width: number;
  readonly height: number;
}

/**
 * Fixed bands, the ground at the bottom; within a band derivations run upward row by row, and a row wraps. The focus stands in the
 * middle of its row, the others by size, then by name. The same graph gives the same picture.
 */
export function layoutFamily(graph: FamilyGraph): FamilyLayout {
  const ranks = ranksWithinLanes(graph.cards, graph.links);
  const rowsOf = (lane: Lane): Card[][] => {
    const own = graph.cards.filter((card) => card.lane === lane);
    const highest = Math.max(0, ...own.map((card) => ranks.get(card.id) ?? 0));
    const rows: Card[][] = [];
    for (let rank = highest; rank >= 0; rank--) {
      const members = inOrder(own.filter((card) => (ranks.get(card.id) ?? 0) === rank));
      for (let at = 0; at < members.length; at += MOST_IN_ROW) rows.push(centred(members.slice(at, at + MOST_IN_ROW)));
    }
    return rows;
  };
  const lanes = LANES_TOP_DOWN.map((lane) => ({ lane, rows: rowsOf(lane) })).filter(
    ({ lane, rows }) => rows.length > 0 || lane !== "datasets",
  );
  const widest = Math.max(2, ...lanes.flatMap(({ rows }) => rows.map((row) => row.length)));
  const inner = widest * CARD_WIDTH + (widest - 1) * GAP_X;
  const width = LANE_LABEL + inner + LANE_PAD;
  const cards: PlacedCard[] = [];
  const placed: PlacedLane[] = [];
  let y = 0;
  let row = 0;
  for (const { lane, rows } of lanes) {
    const height = 2 * LANE_PAD + Math.max(1, rows.length) * CARD_HEIGHT + Math.max(0, rows.length - 1) * GAP_Y;
    rows.forEach((members, place) => {
      const taken = members.length * CARD_WIDTH + (members.length - 1) * GAP_X;
      members.forEach((card, at) => {
        cards.push({
          card,
          x: LANE_LABEL + (inner - taken) / 2 + at * (CARD_WIDTH + GAP_X),
          y: y + LANE_PAD + place * (CARD_HEIGHT + GAP_Y),
          row,
        });
      });
      row += 1;
    });
    placed.push({ lane, y, width, height });
    y += height + LANE_GAP;
  }
  return { cards, lanes: placed, width, height: Math.max(0, y - LANE_GAP) };
}

/** Longest way from the bottom of a card's own lane; a circle, which the API never answers, ends where it closes. */
function ranksWithinLanes(cards: readonly Card[], links: readonly CardLink[]): Map<string, number> {
  const laneOf = new Map(cards.map((card) => [card.id, card.lane]));
  const parents = new Map<string, string[]>();
  for (const link of links) {
    if (link.kind === "member" || laneOf.get(link.parent) !== laneOf.get(link.child)) continue;
    parents.set(link.child, [...(parents.get(link.child) ?? []), link.parent]);
  }
  const ranks = new Map<string, number>();
  const rankOf = (id: string, above: ReadonlySet<string>): number => {
    const known = ranks.get(id);
    if (known !== undefined) return known;
    if (above.has(id)) return 0;
    const own = parents.get(id) ?? [];
    const rank = own.length === 0 ? 0 : 1 + Math.max(...own.map((parent) => rankOf(parent, new Set([...above, id]))));
    ranks.set(id, rank);
    return rank;
  };
  for (const card of cards) rankOf(card.id, new Set());
  return ranks;
}

/** By size, then by name; what a group opened into comes right after it, and what stands for the rest comes last. */
function inOrder(cards: readonly Card[]): Card[] {
  const sorted = [...cards].sort(
    (a, b) =>
      Number(b.isFocus) - Number(a.isFocus) ||
      Number(a.kind === "rest") - Number(b.kind === "rest") ||
      sizeOf(b) - sizeOf(a) ||
      a.title.localeCompare(b.title),
  );
  const heads = new Set(sorted.flatMap(({ kind, group }) => (kind === "group" && group !== undefined ? [group] : [])));
  const isMember = ({ kind, group }: Card) => kind !== "group" && group !== undefined && heads.has(group);
  return sorted
    .filter((card) => !isMember(card))
    .flatMap((card) =>
      card.kind === "group" ? [card, ...sorted.filter((other) => isMember(other) && other.group === card.group)] : [card],
    );
}

const sizeOf = ({ count, versions }: Card): number => (count === undefined ? versions.length : (count.versions ?? 0));

function centred(row: readonly Card[]): Card[] {
  const focus = row.find((card) => card.isFocus);
  if (!focus) return [...row];
  const others = row.filter((card) => card !== focus);
  const middle = Math.floor(others.length / 2);
  return [...others.slice(0, middle), focus, ...others.slice(middle)];
}

export type Step = "up" | "down" | "left" | "right";

/** Where an arrow key leads from a card: up to what was derived, down to what it stands on, aside within the row. */
export function stepFrom(layout: FamilyLayout, links: readonly CardLink[], from: string, step: Step): string {
  const own = layout.cards.find((placed) => placed.card.id === from);
  if (!own) return layout.cards[0]?.card.id ?? from;
  const nearest = (ids: readonly string[]) =>
    layout.cards.filter((placed) => ids.includes(placed.card.id)).sort((a, b) => Math.abs(a.x - own.x) - Math.abs(b.x - own.x))[0]?.card
      .id ?? from;
  switch (step) {
    case "up":
      return nearest(links.filter((link) => link.parent === from).map((link) => link.child));
    case "down":
      return nearest(links.filter((link) => link.child === from).map((link) => link.parent));
    case "left":
    case "right": {
      const order = [...layout.cards].sort((a, b) => a.row - b.row || a.x - b.x);
      const at = order.indexOf(own);
      return order[at + (step === "right" ? 1 : -1)]?.card.id ?? from;
    }
  }
}
