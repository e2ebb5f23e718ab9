import { emptyRoot, nodeHash } from "./hashes.js";

/** A growing tree of RFC 9162, of which only the roots of its whole subtrees are kept, from left to right: at most one per bit of its size. */
export class Frontier {
  private readonly roots: Buffer[];

  constructor(
    public size = 0,
    roots: readonly Buffer[] = [],
  ) {
    if (roots.length !== bitsSet(size))
      throw new Error(`A tree of ${size} leaves has ${bitsSet(size)} whole subtrees, not ${roots.length}.`);
    this.roots = [...roots];
  }

  append(leaf: Buffer): void {
    let root = leaf;
    for (let rest = this.size; rest % 2 === 1; rest = Math.floor(rest / 2)) root = nodeHash(this.roots.pop() ?? root, root);
    this.roots.push(root);
    this.size += 1;
  }

  root(): Buffer {
    const [last, ...others] = this.roots.toReversed();
    if (last === undefined) return emptyRoot();
    return others.reduce((right, left) => nodeHash(left, right), last);
  }

  /** Roots of the whole subtrees, left to right. */
  subtrees(): readonly Buffer[] {
    return this.roots;
  }
}

function bitsSet(size: number): number {
  return [...size.toString(2)].filter((bit) => bit === "1").length;
}
