import { hash } from "node:crypto";

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);
export const HASH_BYTES = 32;

/** RFC 9162, 2.1.1: the hash of a leaf. A leaf of an audit tree is the 32 bytes of an entry's digest. */
export const leafHash = (data: Uint8Array): Buffer => sha256(Buffer.concat([LEAF, data]));
/** RFC 9162, 2.1.1: the hash of a node over its two children. */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Buffer.concat([NODE, left, right]));
/** Root of the tree without leaves. */
export const emptyRoot = (): Buffer => sha256(Buffer.alloc(0));

export const leafOfEntry = (digest: string): Buffer => leafHash(Buffer.from(digest, "hex"));

function sha256(bytes: Buffer): Buffer {
  return hash("sha256", bytes, "buffer");
}
