import { createHash } from "node:crypto";

/** An id of this kind that is the same each time for the same word. */
export function newIdLike(prefix: string, word: string): string {
  return `${prefix}_${createHash("sha256").update(word).digest("hex").slice(0, 32)}`;
}
