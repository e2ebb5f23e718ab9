import type { Edge } from "./edges.js";

/** The ways from a version up to one of its ancestors. */
export interface Ways<E extends Edge> {
  /** The shortest, from the child to the ancestor; empty when there is none. */
  readonly shortest: readonly E[];
  /** How many there are in all, by different edges. */
  readonly ways: number;
}

/** Finds the ways up in a graph without cycles. Of several shortest ones it takes the one whose edges come first. */
export function waysUp<E extends Edge>(edges: readonly E[], child: string, ancestor: string): Ways<E> {
  const parents = new Map<string, E[]>();
  for (const edge of edges) parents.set(edge.child, [...(parents.get(edge.child) ?? []), edge]);
  const counted = new Map<string, number>([[ancestor, 1]]);
  const count = (id: string): number => {
    const known = counted.get(id);
    if (known !== undefined) return known;
    const ways = (parents.get(id) ?? []).reduce((sum, edge) => sum + count(edge.parent), 0);
    counted.set(id, ways);
    return ways;
  };
  return { shortest: shortestOf(parents, child, ancestor), ways: child === ancestor ? 0 : count(child) };
}

function shortestOf<E extends Edge>(parents: ReadonlyMap<string, readonly E[]>, child: string, ancestor: string): E[] {
  const reachedBy = new Map<string, E | null>([[child, null]]);
  for (const [id] of reachedBy) {
    if (id === ancestor) break;
    for (const edge of parents.get(id) ?? []) if (!reachedBy.has(edge.parent)) reachedBy.set(edge.parent, edge);
  }
  const way: E[] = [];
  for (let edge = reachedBy.get(ancestor); edge; edge = reachedBy.get(edge.child)) way.unshift(edge);
  return way;
}
