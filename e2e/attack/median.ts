/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const at = Math.floor(sorted.length / 2);
  const upper = sorted[at] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[at - 1] ?? Number.NaN) + upper) / 2;
}

/** How far apart two medians are, as a share of the smaller one. */
export function apart(one: readonly number[], other: readonly number[]): number {
  const [low, high] = [median(one), median(other)].toSorted((a, b) => a - b);
  return ((high ?? 0) - (low ?? 0)) / (low ?? 1);
}
