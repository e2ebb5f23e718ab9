/** A derivation: `child` was made from `parent`. */
export interface Edge {
  readonly child: string;
  readonly parent: string;
}
type Step = (id: string) => readonly string[];

/** Hops from the focus to everything reachable: negative above it in ancestry, positive below, 0 itself. Shortest way counts. */
export function distancesFrom(edges: readonly Edge[], focus: string): Map<string, number> {
  const distances = new Map([[focus, 0]]);
  for (const [id, hops] of hopsFrom(parentsIn(edges), focus)) if (id !== focus) distances.set(id, -hops);
  for (const [id, hops] of hopsFrom(childrenIn(edges), focus)) if (id !== focus) distances.set(id, hops);
  return distances;
}

/** Everything `id` was made from, however far up. */
export function ancestorsOf(edges: readonly Edge[], id: string): Set<string> {
  return new Set([...hopsFrom(parentsIn(edges), id).keys()].filter((other) => other !== id));
}

/** Everything made from `id`, however far down: the slow walk that the line closure replaces and tests compare it with. */
export function descendantsOf(edges: readonly Edge[], id: string): Set<string> {
  return new Set([...hopsFrom(childrenIn(edges), id).keys()].filter((other) => other !== id));
}

/** Whether the new edge would close a cycle. */
export function closesCycle(edges: readonly Edge[], { child, parent }: Edge): boolean {
  return child === parent || ancestorsOf(edges, parent).has(child);
}

/** Whether any edge lies on a cycle. */
export function hasCycle(edges: readonly Edge[]): boolean {
  const waiting = new Map<string, number>();
  for (const { child, parent } of edges) {
    waiting.set(child, (waiting.get(child) ?? 0) + 1);
    waiting.set(parent, waiting.get(parent) ?? 0);
  }
  const children = childrenIn(edges);
  const free = [...waiting].filter(([, count]) => count === 0).map(([id]) => id);
  let settled = 0;
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    settled += 1;
    for (const child of children(id)) {
      const left = (waiting.get(child) ?? 0) - 1;
      waiting.set(child, left);
      if (left === 0) free.push(child);
    }
  }
  return settled < waiting.size;
}

function hopsFrom(step: Step, start: string): Map<string, number> {
  const hops = new Map([[start, 0]]);
  for (const [id, distance] of hops) {
    for (const next of step(id)) if (!hops.has(next)) hops.set(next, distance + 1);
  }
  return hops;
}

function parentsIn(edges: readonly Edge[]): Step {
  const parents = grouped(edges.map(({ child, parent }) => [child, parent]));
  return (id) => parents.get(id) ?? [];
}

function childrenIn(edges: readonly Edge[]): Step {
  const children = grouped(edges.map(({ child, parent }) => [parent, child]));
  return (id) => children.get(id) ?? [];
}

function grouped(pairs: readonly (readonly [string, string])[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
