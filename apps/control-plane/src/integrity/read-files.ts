import { createHash } from "node:crypto";
import type { FileProblem } from "@ziggurat/contracts";
import type { BlobStore } from "../registry/blobs/blob-store.js";

export interface SealedFile {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * Reads every file from the store in order of paths and stops at the first that is not what was sealed.
 * @param progress told the bytes read so far, after every chunk; what it returns is waited for
 * @throws whatever the store throws while reading: then nothing is known about the bytes
 */
export async function firstBadFile(
  store: BlobStore,
  files: readonly SealedFile[],
  progress: (bytes: number) => Promise<void> | void,
): Promise<(SealedFile & { readonly problem: FileProblem }) | null> {
  let done = 0;
  for (const file of files) {
    const size = await store.sizeOf(file.sha256);
    if (size === null) return { ...file, problem: "missing" };
    if (size !== file.sizeBytes) return { ...file, problem: "size" };
    const hash = createHash("sha256");
    for await (const chunk of store.read(file.sha256)) {
      hash.update(chunk);
      done += chunk.length;
      await progress(done);
    }
    if (hash.digest("hex") !== file.sha256) return { ...file, problem: "digest" };
  }
  return null;
}
