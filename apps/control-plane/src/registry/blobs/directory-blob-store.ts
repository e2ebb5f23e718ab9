import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { type Appended, type BlobStore, type ByteRange, PartTooLong, Superseded } from "./blob-store.js";

interface Writing {
  readonly source: Readable;
  readonly ended: Promise<void>;
}

/**
 * Blobs in a folder, `ab/cd/abcd…`, with uploads under `partial/` on the same filesystem, so that finishing one is a rename.
 * A blob's name appears only after its bytes are on disk.
 */
export class DirectoryBlobStore implements BlobStore {
  private readonly writing = new Map<string, Writing>();

  constructor(private readonly directory: string) {}

  async sizeOf(sha256: string): Promise<number | null> {
    return sizeOfFile(this.place(sha256));
  }

  read(sha256: string, range?: ByteRange): Readable {
    return createReadStream(this.place(sha256), range === undefined ? {} : { start: range.first, end: range.last });
  }

  async offsetOf(owner: string, upload: string): Promise<number> {
    return (await sizeOfFile(this.partial(owner, upload))) ?? 0;
  }

  async append(owner: string, upload: string, start: number, limit: number, source: Readable): Promise<Appended> {
    const path = this.partial(owner, upload);
    const before = this.writing.get(path);
    before?.source.destroy(new Superseded());
    const mine = this.write(path, start, limit, source, before?.ended ?? Promise.resolve());
    const entry = { source, ended: mine.then(ignore, ignore) };
    this.writing.set(path, entry);
    return mine.finally(() => {
      if (this.writing.get(path) === entry) this.writing.delete(path);
    });
  }

  async commit(owner: string, sha256: string, hashed: string | null): Promise<"stored" | "digest_mismatch"> {
    const partial = this.partial(owner, sha256);
    const digest = hashed ?? (await digestOf(partial));
    if (digest !== sha256) {
      await rm(partial, { force: true });
      return "digest_mismatch";
    }
    await this.promote(partial, sha256);
    return "stored";
  }

  readUpload(owner: string, upload: string): Readable {
    return createReadStream(this.partial(owner, upload));
  }

  async settle(owner: string, upload: string, hashed: string | null): Promise<string> {
    const partial = this.partial(owner, upload);
    const sha256 = hashed ?? (await digestOf(partial));
    await this.promote(partial, sha256);
    return sha256;
  }

  async discard(owner: string, upload: string): Promise<void> {
    await rm(this.partial(owner, upload), { force: true });
  }

  /** The blob's name appears by renaming, when its bytes are on disk. */
  private async promote(partial: string, sha256: string): Promise<void> {
    const place = this.place(sha256);
    await mkdir(dirname(place), { recursive: true });
    await rename(partial, place);
    await syncFolder(dirname(place));
  }

  private async write(path: string, start: number, limit: number, source: Readable, earlier: Promise<void>): Promise<Appended> {
    await earlier;
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, start === 0 ? "w" : "r+");
    try {
      await file.truncate(start);
      return await pour(source, file, start, limit);
    } finally {
      await file.close();
    }
  }

  private place(sha256: string): string {
    return join(this.directory, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  }

  private partial(owner: string, upload: string): string {
    return join(this.directory, "partial", owner, upload);
  }
}

/** Writes as bytes come, so that what arrived before a break stays; only a part that lied about its length is taken back. */
async function pour(source: Readable, file: FileHandle, start: number, limit: number): Promise<Appended> {
  const hash: Hash | null = start === 0 ? createHash("sha256") : null;
  let offset = start;
  try {
    for await (const chunk of source) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError("An upload is a stream of bytes.");
      if (offset + chunk.length > start + limit) {
        await file.truncate(start);
        throw new PartTooLong();
      }
      await writeAll(file, chunk, offset);
      hash?.update(chunk);
      offset += chunk.length;
    }
  } finally {
    await file.sync();
  }
  return { offset, sha256: hash?.digest("hex") ?? null };
}

async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    written += (await file.write(chunk, written, chunk.length - written, position + written)).bytesWritten;
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

async function sizeOfFile(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** A rename survives a power cut only once its folder is on disk too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function ignore(): void {}
