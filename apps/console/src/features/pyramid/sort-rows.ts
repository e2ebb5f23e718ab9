import type { Pyramid } from "@ziggurat/contracts";

export type SortKey = "version" | "tier" | "institution" | "state" | "parent";

/** Rows by one column, the version's name deciding between equals; the top of the pyramid comes first by tier. */
export function sortRows(pyramid: Pyramid, rows: readonly number[], key: SortKey, isDown: boolean, language: string): number[] {
  const { compare } = new Intl.Collator(language, { numeric: true });
  const text = (index: number): string => {
    switch (key) {
      case "version":
        return pyramid.ref[index] ?? "";
      case "tier":
        return String(2 - (pyramid.tier[index] ?? 0));
      case "institution":
        return pyramid.institutions[pyramid.institution[index] ?? -1]?.name ?? "";
      case "state":
        return pyramid.state[index] ?? "";
      case "parent":
        return pyramid.ref[pyramid.parent[index] ?? -1] ?? "";
    }
  };
  const keyed = rows.map((index) => ({ index, text: text(index), ref: pyramid.ref[index] ?? "" }));
  keyed.sort((a, b) => (isDown ? -1 : 1) * compare(a.text, b.text) || compare(a.ref, b.ref));
  return keyed.map(({ index }) => index);
}
