import { createHash, type Hash, randomUUID } from "node:crypto";
import { type BigIntStats, createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import {
  type Appended,
  type BlobStore,
  type ByteRange,
  PartTooLong,
  type StoredBlob,
  type StoredUpload,
  Superseded,
} from "./blob-store.js";

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

  readUpload(owner: string, upload: string): Readable {
    return createReadStream(this.partial(owner, upload));
  }

  /** The blob's name appears by renaming, when its bytes are on disk. */
  async settle(owner: string, upload: string, sha256: string, mark: string | null): Promise<void> {
    const place = this.place(sha256);
    const partial = this.partial(owner, upload);
    await mkdir(dirname(place), { recursive: true });
    // Under a name that no request writes to, so that what is looked at is what takes the place.
    const claimed = `${partial}.${randomUUID()}`;
    if ((await unlessMissing(rename(partial, claimed).then(() => true))) === null) {
      if ((await this.sizeOf(sha256)) === null) throw new Superseded();
      return;
    }
    if (mark !== null && (await markOf(claimed)) !== mark) {
      await rename(claimed, partial);
      throw new Superseded();
    }
    await rename(claimed, place);
    await syncFolder(dirname(place));
  }

  async uploadOf(owner: string, upload: string): Promise<StoredUpload | null> {
    const found = await unlessMissing(stat(this.partial(owner, upload)));
    return found === null ? null : { owner, upload, sizeBytes: found.size, changedAt: found.mtime };
  }

  async touch(owner: string, upload: string): Promise<void> {
    const now = new Date();
    await unlessMissing(utimes(this.partial(owner, upload), now, now));
  }

  async discard(owner: string, upload: string): Promise<void> {
    await rm(this.partial(owner, upload), { force: true });
  }

  async remove(sha256: string): Promise<void> {
    await rm(this.place(sha256), { force: true });
  }

  async *blobs(): AsyncIterable<StoredBlob> {
    for await (const { name, sizeBytes, changedAt } of filesBelow(this.directory, [/^[0-9a-f]{2}$/, /^[0-9a-f]{2}$/, /^[0-9a-f]{64}$/])) {
      yield { sha256: name, sizeBytes, changedAt };
    }
  }

  async *uploads(): AsyncIterable<StoredUpload> {
    for await (const { folder, name, sizeBytes, changedAt } of filesBelow(join(this.directory, "partial"), [/./, /./])) {
      yield { owner: folder, upload: name, sizeBytes, changedAt };
    }
  }

  private async write(path: string, start: number, limit: number, source: Readable, earlier: Promise<void>): Promise<Appended> {
    await earlier;
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, start === 0 ? "w" : "r+");
    try {
      await file.truncate(start);
      const poured = await pour(source, file, start, limit);
      return { ...poured, mark: markIn(await file.stat({ bigint: true })) };
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
async function pour(source: Readable, file: FileHandle, start: number, limit: number): Promise<Omit<Appended, "mark">> {
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

interface FoundFile {
  /** Name of the folder it lies in. */
  readonly folder: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly changedAt: Date;
}

/** Files so many folders below whose names, and whose folders' names, are as given. Anything else that lies there is nobody's business. */
async function* filesBelow(path: string, [pattern, ...rest]: readonly RegExp[]): AsyncIterable<FoundFile> {
  for (const entry of (await unlessMissing(readdir(path, { withFileTypes: true }))) ?? []) {
    if (pattern?.test(entry.name) !== true) continue;
    if (rest.length > 0) {
      if (entry.isDirectory()) yield* filesBelow(join(path, entry.name), rest);
      continue;
    }
    const found = entry.isFile() ? await unlessMissing(stat(join(path, entry.name))) : null;
    if (found !== null) yield { folder: basename(path), name: entry.name, sizeBytes: found.size, changedAt: found.mtime };
  }
}

async function sizeOfFile(path: string): Promise<number | null> {
  return (await unlessMissing(stat(path)))?.size ?? null;
}

/** What was asked of a file, or null when there is none. */
async function unlessMissing<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Changed by every write, and by nothing that is done to a file's name. */
function markIn({ ino, size, mtimeNs }: BigIntStats): string {
  return `${ino} ${size} ${mtimeNs}`;
}

async function markOf(path: string): Promise<string> {
  return markIn(await stat(path, { bigint: true }));
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
