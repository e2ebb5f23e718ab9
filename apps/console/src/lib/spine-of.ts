import { type Lineage, TIERS, type VersionState } from "@ziggurat/contracts";

export interface SpinePart {
  readonly ref: string;
  readonly state: VersionState | null;
  /** Further parents beside the one the line follows. */
  readonly others: number;
}

/** The line from the ground up to the focus: at each step the parent of the lowest tier difference comes first, further ones are counted. */
export function spineOf(lineage: Lineage): SpinePart[] {
  const versions = new Map(lineage.nodes.filter((node) => node.kind === "version").map((node) => [node.id, node]));
  const line: SpinePart[] = [];
  const seen = new Set<string>();
  let current = versions.get(lineage.focus);
  let others = 0;
  while (current && !seen.has(current.id)) {
    seen.add(current.id);
    line.unshift({ ref: current.ref, state: current.state, others });
    const child: string = current.id;
    const parents = lineage.edges
      .filter((edge) => edge.child === child)
      .flatMap((edge) => versions.get(edge.parent) ?? [])
      .sort((a, b) => rank(b.tier) - rank(a.tier) || a.id.localeCompare(b.id));
    current = parents[0];
    others = Math.max(0, parents.length - 1);
  }
  return line;
}

function rank(tier: Lineage["nodes"][number]["tier"]): number {
  return tier === null ? -1 : TIERS.indexOf(tier);
}
