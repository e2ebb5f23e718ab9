import type { LinePlace } from "./place-on-line.js";

/** "Versions of `line` from `minSeq` on descend from `ancLine` up to `ancSeq`." */
export interface ClosureRow {
  readonly line: string;
  readonly ancLine: string;
  readonly ancSeq: number;
  readonly minSeq: number;
}

/**
 * Rows the closure gains when a version takes `place` with these parents. A new version has no descendants, so maintenance only
 * ever copies ancestors: for each parent off the line, the parent itself and the farthest place on every line it descends from.
 * What descends from the line's own past needs no row, since later places descend from earlier ones anyway; nor does what an
 * earlier place of the line already says. So a line grown by its tip costs nothing.
 */
export function closureGain(closure: readonly ClosureRow[], place: LinePlace, parents: readonly LinePlace[]): ClosureRow[] {
  const gained: ClosureRow[] = [];
  for (const parent of parents) {
    if (parent.line === place.line) continue;
    for (const above of [parent, ...linesAbove(closure, parent)]) {
      if (above.line === place.line) continue;
      const row = { line: place.line, ancLine: above.line, ancSeq: above.seq, minSeq: place.seq };
      if (![...closure, ...gained].some((other) => says(other, row))) gained.push(row);
    }
  }
  return gained;
}

/** Farthest place on each other line that a place descends from. */
export function linesAbove(closure: readonly ClosureRow[], place: LinePlace): LinePlace[] {
  const farthest = new Map<string, number>();
  for (const row of closure) {
    if (row.line !== place.line || row.minSeq > place.seq) continue;
    farthest.set(row.ancLine, Math.max(row.ancSeq, farthest.get(row.ancLine) ?? 0));
  }
  return [...farthest].map(([line, seq]) => ({ line, seq }));
}

/** From where on each line descends from a place; the place's own line included. */
export function linesBelow(closure: readonly ClosureRow[], place: LinePlace): LinePlace[] {
  const nearest = new Map([[place.line, place.seq + 1]]);
  for (const row of closure) {
    if (row.ancLine !== place.line || row.ancSeq < place.seq) continue;
    nearest.set(row.line, Math.min(row.minSeq, nearest.get(row.line) ?? Number.POSITIVE_INFINITY));
  }
  return [...nearest].map(([line, seq]) => ({ line, seq }));
}

/** Whether the one row makes the other superfluous. */
function says(one: ClosureRow, other: ClosureRow): boolean {
  return one.line === other.line && one.ancLine === other.ancLine && one.ancSeq >= other.ancSeq && one.minSeq <= other.minSeq;
}
