/** A file as far as the digest of the whole cares. */
export interface DigestedFile {
  readonly path: string;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
}

/** Names that the model-signing specification leaves out at the root, with our own signature file. */
const EXCLUDED = [".git", ".gitignore", ".gitattributes", ".github", "model.sig"];

/**
 * The resources a root digest covers, in code-point order of their paths (OpenSSF Model Signing 1.0).
 * The language's own sort orders by UTF-16 units, which differs above U+FFFF.
 */
export function rootDigestOrder<F extends DigestedFile>(files: readonly F[]): F[] {
  return files.filter((file) => !EXCLUDED.includes(file.path.split("/")[0] ?? "")).sort((a, b) => compareCodePoints(a.path, b.path));
}

/**
 * SHA-256 over the concatenated raw digests in {@link rootDigestOrder}; null when there is nothing to cover.
 * `sha256` hashes bytes and answers hex: pure code has no hash function of its own.
 */
export function rootDigest(files: readonly DigestedFile[], sha256: (bytes: Uint8Array) => string): string | null {
  const ordered = rootDigestOrder(files);
  if (ordered.length === 0) return null;
  const bytes = new Uint8Array(ordered.length * 32);
  ordered.forEach((file, index) => {
    for (let i = 0; i < 32; i += 1) bytes[index * 32 + i] = Number.parseInt(file.sha256.slice(i * 2, i * 2 + 2), 16);
  });
  return sha256(bytes);
}

function compareCodePoints(a: string, b: string): number {
  const left = Array.from(a, (character) => character.codePointAt(0) ?? 0);
  const right = Array.from(b, (character) => character.codePointAt(0) ?? 0);
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
