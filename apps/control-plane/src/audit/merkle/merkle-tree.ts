import { HASH_BYTES, nodeHash } from "./hashes.js";

/** A tree of RFC 9162 held whole (64 bytes per leaf), for proofs about any of its leaves. */
export class MerkleTree {
  /** By height: the roots of the whole subtrees of that height, one after the other. */
  private readonly levels: readonly Buffer[];
  /** Subtrees at the ragged right edge, which every proof needs. */
  private readonly edge = new Map<number, Buffer>();

  /** @param leaves leaf hashes, one after the other */
  constructor(leaves: Buffer) {
    const levels = [leaves];
    for (let below = leaves; below.length >= 2 * HASH_BYTES; ) {
      const above = Buffer.allocUnsafe(Math.floor(below.length / (2 * HASH_BYTES)) * HASH_BYTES);
      for (let at = 0; at < above.length; at += HASH_BYTES) {
        const [left, right] = [2 * at, 2 * at + HASH_BYTES];
        nodeHash(below.subarray(left, right), below.subarray(right, right + HASH_BYTES)).copy(above, at);
      }
      levels.push(above);
      below = above;
    }
    this.levels = levels;
    this.size = leaves.length / HASH_BYTES;
  }

  readonly size: number;

  root(): Buffer {
    return this.subtree(0, this.size);
  }

  /** RFC 9162, 2.1.3.1: PATH(index, D[size]), from the leaf up. */
  inclusionProof(index: number): Buffer[] {
    if (index < 0 || index >= this.size) throw new Error(`A tree of ${this.size} leaves has none at ${index}.`);
    const proof: Buffer[] = [];
    for (let [from, to] = [0, this.size]; to - from > 1; ) {
      const middle = from + split(to - from);
      if (index < middle) {
        proof.push(this.subtree(middle, to));
        to = middle;
      } else {
        proof.push(this.subtree(from, middle));
        from = middle;
      }
    }
    return proof.toReversed();
  }

  /** RFC 9162, 2.1.4.1: PROOF(first, D[size]). */
  consistencyProof(first: number): Buffer[] {
    if (first < 1 || first > this.size) throw new Error(`A tree of ${this.size} leaves never grew out of one of ${first}.`);
    const proof: Buffer[] = [];
    let [from, to, isWhole] = [0, this.size, true];
    while (first !== to) {
      const middle = from + split(to - from);
      if (first <= middle) {
        proof.push(this.subtree(middle, to));
        to = middle;
      } else {
        proof.push(this.subtree(from, middle));
        from = middle;
        isWhole = false;
      }
    }
    if (!isWhole) proof.push(this.subtree(from, to));
    return proof.toReversed();
  }

  /** MTH over the leaves from..to. */
  private subtree(from: number, to: number): Buffer {
    const leaves = to - from;
    const height = Math.log2(leaves);
    if (Number.isInteger(height)) {
      const at = (from / leaves) * HASH_BYTES;
      return this.levels[height]?.subarray(at, at + HASH_BYTES) ?? Buffer.alloc(0);
    }
    const known = this.edge.get(from);
    if (known !== undefined) return known;
    const middle = from + split(leaves);
    const root = nodeHash(this.subtree(from, middle), this.subtree(middle, to));
    this.edge.set(from, root);
    return root;
  }
}

/** The largest power of two below `leaves`. */
function split(leaves: number): number {
  return 2 ** Math.floor(Math.log2(leaves - 1));
}
