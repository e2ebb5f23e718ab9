/** So many generic resources of one type; the type is empty where Slurm names none. */
export interface GresCount {
  readonly type: string;
  readonly count: number;
}

/**
 * GPUs in a list of generic resources, as written for nodes (`gpu:a100:4(S:0-1)`, `gpu:2(IDX:0-1)`) and for jobs (`gres:gpu:a100:2`,
 * `gres/gpu:a100=2`).
 */
export function gpusOf(text: string | null): GresCount[] {
  const counts = new Map<string, number>();
  // What stands in parentheses has commas of its own.
  for (const entry of (text ?? "").replaceAll(/\([^)]*\)/g, "").split(",")) {
    const match = /^(?:gres[:/])?gpu(?::([^:=]+?))?(?:[:=](\d+))?$/.exec(entry.trim());
    if (match === null) continue;
    // `gpu:4` counts, `gpu:a100` names a type and means one.
    const isCount = match[2] === undefined && /^\d+$/.test(match[1] ?? "");
    const type = isCount ? "" : (match[1] ?? "");
    counts.set(type, (counts.get(type) ?? 0) + Number(isCount ? match[1] : (match[2] ?? 1)));
  }
  return [...counts].map(([type, count]) => ({ type, count }));
}

export const totalOf = (counts: readonly GresCount[]): number => counts.reduce((sum, { count }) => sum + count, 0);
