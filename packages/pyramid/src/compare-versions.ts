import { COMPARISON_GROUPS, type ComparedValue, type ComparisonGroup, type ComparisonRow } from "@ziggurat/contracts";

/** One thing known of one version. */
export interface ComparedFact {
  readonly group: ComparisonGroup;
  readonly field: string;
  /** Dataset version it was measured on. */
  readonly on: string | null;
  readonly value: ComparedValue;
}

/**
 * Versions side by side, one list of facts each: a row for everything that is known of any of them, null where it is not known of one.
 * Differences come first, each half by group and then in the order in which the facts were given. `domain/features.md` 14.
 */
export function compareVersions(versions: readonly (readonly ComparedFact[])[]): ComparisonRow[] {
  const rows = new Map<string, ComparisonRow>();
  for (const [column, facts] of versions.entries()) {
    for (const { group, field, on, value } of facts) {
      const key = JSON.stringify([group, field, on]);
      const row = rows.get(key) ?? { group, field, on, values: versions.map(() => null), differs: false };
      row.values[column] = value;
      rows.set(key, row);
    }
  }
  return [...rows.values()]
    .map((row) => ({ ...row, differs: new Set(row.values.map((value) => JSON.stringify(value))).size > 1 }))
    .sort((a, b) => Number(b.differs) - Number(a.differs) || COMPARISON_GROUPS.indexOf(a.group) - COMPARISON_GROUPS.indexOf(b.group));
}
