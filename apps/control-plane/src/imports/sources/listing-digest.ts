import { createHash } from "node:crypto";
import type { ImportFile } from "./import-source.js";

/** The revision of a source that has none of its own: a digest over everything it listed. */
export function listingDigest(files: readonly ImportFile[]): string {
  const hash = createHash("sha256");
  for (const { path, sizeBytes, mark } of files) hash.update(`${JSON.stringify([path, sizeBytes, mark])}\n`);
  return `sha256:${hash.digest("hex")}`;
}
