import type { Readable } from "node:stream";

/** Nest token of the {@link BlobStore}. */
export const BLOB_STORE = Symbol("BLOB_STORE");

/** First and last byte, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export interface Appended {
  /** Bytes there now. */
  readonly offset: number;
  /** Digest of everything there, when it was hashed on the way. */
  readonly sha256: string | null;
}

/**
 * Bytes by digest, and uploads on their way there. An upload belongs to its owner: nobody sees or continues another's.
 * It knows nothing of who may read what; that is decided in front of it.
 */
export interface BlobStore {
  /** Bytes of a stored blob; null when it is not there. */
  sizeOf(sha256: string): Promise<number | null>;
  read(sha256: string, range?: ByteRange): Readable;
  /** Bytes of an unfinished upload that are safely there. */
  offsetOf(owner: string, sha256: string): Promise<number>;
  /**
   * Adds a part at `start`, which the caller has checked. Whatever arrived before the stream broke off stays.
   * A second call for the same upload ends the first: its sender is taken to be gone.
   */
  append(owner: string, sha256: string, start: number, limit: number, source: Readable): Promise<Appended>;
  /** Makes a finished upload a blob, or drops it when its digest differs. */
  commit(owner: string, sha256: string, hashed: string | null): Promise<"stored" | "digest_mismatch">;
}

/** A part that is longer than it said. Nothing of it is kept. */
export class PartTooLong extends Error {}

/** A later request for the same upload took over. */
export class Superseded extends Error {}
