/** A point of a metric; `value` may be non-finite. */
export interface Point {
  readonly step: number;
  readonly value: number;
}

/**
 * Thins a series that is sorted by step to at most `limit` points (at least 4). Each bucket keeps its first, lowest, highest and
 * last point, so that no spike and no end disappears; a non-finite point is kept as its bucket's extreme, since it is the news.
 */
export function thinMetric<P extends Point>(points: readonly P[], limit: number): readonly P[] {
  if (points.length <= limit) return points;
  const buckets = Math.max(1, Math.floor(limit / 4));
  const kept: P[] = [];
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const from = Math.floor((bucket * points.length) / buckets);
    const to = Math.floor(((bucket + 1) * points.length) / buckets);
    kept.push(...extremesOf(points, from, to));
  }
  return kept;
}

function extremesOf<P extends Point>(points: readonly P[], from: number, to: number): P[] {
  let lowest = from;
  let highest = from;
  for (let index = from + 1; index < to; index += 1) {
    if (isLower(points[index], points[lowest])) lowest = index;
    if (isLower(points[highest], points[index])) highest = index;
  }
  for (let index = from; index < to; index += 1) {
    const value = points[index]?.value;
    if (value !== undefined && Number.isNaN(value)) {
      highest = index;
      break;
    }
  }
  const indices = [...new Set([from, lowest, highest, to - 1])].sort((a, b) => a - b);
  return indices.flatMap((index) => points[index] ?? []);
}

function isLower(a: Point | undefined, b: Point | undefined): boolean {
  return a !== undefined && b !== undefined && a.value < b.value;
}
