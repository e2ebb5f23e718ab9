import { createHash } from "node:crypto";
import { addAbortSignal, Readable, Transform } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { type BlobStore, PartTooLong } from "../../registry/blobs/blob-store.js";
import { changed, type ImportFile, type ImportSource, reasonOf, SourceFailure } from "../sources/import-source.js";

/** Tries in a row that brought no byte; then the source's own reason is shown. */
const MOST_TRIES = 5;
const FIRST_WAIT_MS = 500;
/** A source that sends nothing for so long is taken to be gone. */
const STALL_MS = 60_000;

export interface Fetching {
  readonly store: BlobStore;
  readonly source: ImportSource;
  readonly revision: string;
  /** Whose upload it is, and under which name it lies until its digest is known. */
  readonly owner: string;
  readonly upload: string;
  readonly signal: AbortSignal;
  /** Asked before each piece is written. */
  readonly mayWrite: () => void;
  readonly onBegin: (offset: number) => void;
  readonly onBytes: (bytes: number) => void;
}

/**
 * Brings one file here and answers its SHA-256. It begins behind what an earlier try or process left, and is good only when it is all
 * that the source said of it: then it may become a blob.
 * @throws SourceFailure
 */
export async function fetchFile(file: ImportFile, fetching: Fetching): Promise<string> {
  const { store, owner, upload, signal } = fetching;
  for (let idle = 0; ; ) {
    signal.throwIfAborted();
    const before = await startOf(file, fetching);
    try {
      const hashed = before === file.sizeBytes && file.sizeBytes > 0 ? null : await receive(file, before, fetching);
      return await finish(file, hashed, fetching);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PartTooLong) throw changed(file.path, `more than ${file.sizeBytes} bytes came`);
      if (!(error instanceof SourceFailure) || error.options.retry !== true) throw error;
      const hasMoved = (await store.offsetOf(owner, upload)) > before;
      idle = hasMoved ? 0 : idle + 1;
      if (idle >= MOST_TRIES) throw error;
      await delay(waitOf(error, idle), undefined, { signal });
    }
  }
}

async function startOf(file: ImportFile, { store, owner, upload }: Fetching): Promise<number> {
  const offset = await store.offsetOf(owner, upload);
  if (offset <= file.sizeBytes) return offset;
  await store.discard(owner, upload);
  return 0;
}

/** @returns the digest, where the stream began at the first byte */
async function receive(file: ImportFile, offset: number, fetching: Fetching): Promise<string | null> {
  const { store, source, owner, upload, revision, signal } = fetching;
  const opened =
    file.sizeBytes === 0
      ? { from: 0, stream: Readable.from([], { objectMode: false }) }
      : await source.open(file, offset, revision, signal);
  fetching.onBegin(opened.from);
  const appended = await store.append(owner, upload, opened.from, file.sizeBytes - opened.from, metered(opened.stream, fetching));
  if (appended.offset < file.sizeBytes) {
    throw new SourceFailure("unreachable", `${file.path} ended after ${appended.offset} of ${file.sizeBytes} bytes`, { retry: true });
  }
  return appended.sha256;
}

async function finish(file: ImportFile, hashed: string | null, { store, owner, upload }: Fetching): Promise<string> {
  const sha256 = hashed ?? (await digestOf(store.readUpload(owner, upload), createHash("sha256")));
  const gitSha1 = file.gitSha1 === null ? null : await digestOf(store.readUpload(owner, upload), gitHash(file.sizeBytes));
  if ((file.sha256 ?? sha256) !== sha256 || gitSha1 !== file.gitSha1) {
    await store.discard(owner, upload);
    throw changed(file.path, `its digest is ${file.sha256 === null ? gitSha1 : sha256}, listed was ${file.sha256 ?? file.gitSha1}`);
  }
  return sha256;
}

/** Counts what passes, ends a stream that stands still, and names every break-off as the source's. */
function metered(stream: Readable, { signal, mayWrite, onBytes }: Fetching): Readable {
  let last = performance.now();
  const meter = new Transform({
    transform(chunk: Uint8Array, _, done) {
      last = performance.now();
      try {
        mayWrite();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  const watch = setInterval(() => {
    if (performance.now() - last > STALL_MS) {
      meter.destroy(new SourceFailure("unreachable", `the source sent nothing for ${STALL_MS / 1000} seconds`, { retry: true }));
    }
  }, STALL_MS / 12);
  watch.unref();
  stream.once("error", (error) => meter.destroy(failureOf(error)));
  stream.once("close", () => {
    if (!stream.readableEnded) meter.destroy(failureOf(new Error("the connection was closed")));
  });
  meter.once("close", () => {
    clearInterval(watch);
    stream.destroy();
  });
  return stream.pipe(addAbortSignal(signal, meter));
}

function failureOf(error: Error): SourceFailure {
  return error instanceof SourceFailure
    ? error
    : new SourceFailure("unreachable", `the source broke off: ${reasonOf(error)}`, { retry: true });
}

function waitOf({ options }: SourceFailure, idle: number): number {
  return options.afterSeconds === undefined ? FIRST_WAIT_MS * 2 ** Math.max(0, idle - 1) : options.afterSeconds * 1000;
}

function gitHash(size: number) {
  return createHash("sha1").update(`blob ${size}\0`);
}

async function digestOf(bytes: Readable, hash: ReturnType<typeof createHash>): Promise<string> {
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest("hex");
}
