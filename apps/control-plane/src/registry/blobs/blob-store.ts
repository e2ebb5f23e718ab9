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
  /** Tells these very bytes from what somebody else may have put in their place since. */
  readonly mark: string;
}

/**
 * Bytes by digest, and uploads on their way there. An upload belongs to its owner: nobody sees or continues another's. Its name is the digest
 * it promises or, where no digest is known beforehand, any other name that fits a file.
 * It knows nothing of who may read what; that is decided in front of it.
 */
export interface BlobStore {
  /** Bytes of a stored blob; null when it is not there. */
  sizeOf(sha256: string): Promise<number | null>;
  read(sha256: string, range?: ByteRange): Readable;
  /** Bytes of an unfinished upload that are safely there. */
  offsetOf(owner: string, upload: string): Promise<number>;
  /**
   * Adds a part at `start`, which the caller has checked. Whatever arrived before the stream broke off stays.
   * A second call for the same upload ends the first: its sender is taken to be gone.
   */
  append(owner: string, upload: string, start: number, limit: number, source: Readable): Promise<Appended>;
  /** Reads what is there of an upload, for checks that come before it becomes a blob. */
  readUpload(owner: string, upload: string): Readable;
  /**
   * Makes a finished upload the blob of this digest, which the caller has checked. The bytes are on disk already, so it takes no time. Where
   * somebody else finished the same upload a moment before, it is done.
   * @param mark of the bytes that were checked; null where nobody else can have written
   * @throws Superseded when other bytes lie there now
   */
  settle(owner: string, upload: string, sha256: string, mark: string | null): Promise<void>;
  /** An unfinished upload as it stands; null when there is none. */
  uploadOf(owner: string, upload: string): Promise<StoredUpload | null>;
  /** Marks an upload as gone on with, where there is one. */
  touch(owner: string, upload: string): Promise<void>;
  /** Forgets what is there of an upload. */
  discard(owner: string, upload: string): Promise<void>;
  /** Forgets a blob; one that is not there is no error. */
  remove(sha256: string): Promise<void>;
  /** Every stored blob, in no order. */
  blobs(): AsyncIterable<StoredBlob>;
  /** Every unfinished upload, in no order. */
  uploads(): AsyncIterable<StoredUpload>;
}

export interface StoredBlob {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly changedAt: Date;
}
export interface StoredUpload {
  readonly owner: string;
  readonly upload: string;
  readonly sizeBytes: number;
  /** When its last byte came. */
  readonly changedAt: Date;
}

/** A part that is longer than it said. Nothing of it is kept. */
export class PartTooLong extends Error {}

/** A later request for the same upload took over. */
export class Superseded extends Error {}
