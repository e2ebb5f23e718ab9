import { hash } from "node:crypto";

export const HASH_BYTES = 32;
/** Filled anew for every hash, since a walk makes millions: the byte that tells leaf from node, and what follows it. */
const leaf = Buffer.alloc(1 + HASH_BYTES, 0);
const node = Buffer.alloc(1 + 2 * HASH_BYTES, 1);

/** RFC 9162, 2.1.1: the hash of a leaf. A leaf of an audit tree is the 32 bytes of an entry's digest. */
export const leafHash = (data: Uint8Array): Buffer => sha256(Buffer.concat([leaf.subarray(0, 1), data]));

/** RFC 9162, 2.1.1: the hash of a node over its two children. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return sha256(node);
}

/** The leaf of an entry, from its digest in hex. What is no digest, because somebody changed it, is a leaf like no other. */
export function leafOfEntry(digest: string): Buffer {
  return leaf.write(digest, 1, "hex") === HASH_BYTES ? sha256(leaf) : leafHash(Buffer.from(digest));
}

/** Root of the tree without leaves. */
export const emptyRoot = (): Buffer => sha256(Buffer.alloc(0));

function sha256(bytes: Buffer): Buffer {
  return hash("sha256", bytes, "buffer");
}
