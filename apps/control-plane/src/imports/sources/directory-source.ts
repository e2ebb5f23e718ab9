import type { BigIntStats } from "node:fs";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, readlink, realpath } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { Readable } from "node:stream";
import { changed, type ImportFile, type ImportSource, type OpenedFile, type Resolved, reasonOf, SourceFailure } from "./import-source.js";
import { listingDigest } from "./listing-digest.js";

/** Folders that tools keep for themselves inside a checkout or download. */
const OWN_OF_TOOLS = [".git", ".cache"];
const READ_BYTES = 1 << 20;
/** More than any version may hold; a folder of folders without end stops here. */
const MOST_ENTRIES = 100_000;

/**
 * A folder of this machine. Every file must truly lie below `root`, wherever links lead on the way, and is pinned by its identity, size and
 * times: one that is touched while it is read is refused.
 */
export class DirectorySource implements ImportSource {
  constructor(
    private readonly root: string,
    private readonly folder: string,
  ) {}

  async resolve(): Promise<Resolved> {
    const root = await this.real(this.root);
    const folder = await this.real(this.folder);
    if (!isWithin(root, folder)) throw refused(`${this.folder} leads out of ${this.root}`);
    const found: ImportFile[] = [];
    await this.walk(root, folder, "", found, { left: MOST_ENTRIES });
    const files = found.sort((a, b) => (a.path < b.path ? -1 : 1));
    return { revision: listingDigest(files), files };
  }

  async open(file: ImportFile, offset: number): Promise<OpenedFile> {
    const root = await this.real(this.root);
    const handle = await this.real(join(this.folder, file.path))
      .then((place) => openFile(place, root, file.path))
      .catch((error: unknown) => {
        throw error instanceof SourceFailure && error.code === "not_found" ? changed(file.path, "it is gone") : error;
      });
    try {
      if (markOf(await handle.stat({ bigint: true })) !== file.mark) throw changed(file.path, "it was written or replaced");
    } catch (error) {
      await handle.close();
      throw error;
    }
    return { from: offset, stream: Readable.from(unchanged(handle, file, offset), { objectMode: false, highWaterMark: READ_BYTES }) };
  }

  private async walk(root: string, folder: string, below: string, found: ImportFile[], budget: { left: number }): Promise<void> {
    for (const name of (await readdir(folder)).sort()) {
      budget.left -= 1;
      if (budget.left < 0) throw refused(`${this.folder} has more than ${MOST_ENTRIES} entries`);
      if (OWN_OF_TOOLS.includes(name)) continue;
      const path = below === "" ? name : `${below}/${name}`;
      const place = await this.real(join(folder, name));
      if (!isWithin(root, place)) throw refused(`${path} leads out of ${this.root}`);
      const stats = await lstat(place, { bigint: true });
      if (stats.isDirectory()) {
        // A link to a folder above would lead round in a circle; the budget ends a circle of any other shape.
        if (isWithin(place, folder)) throw refused(`${path} leads back to a folder it lies in`);
        await this.walk(root, place, path, found, budget);
      } else if (stats.isFile()) {
        const handle = await openFile(place, root, path);
        const opened = await handle.stat({ bigint: true }).finally(() => handle.close());
        found.push({ path, sizeBytes: Number(opened.size), sha256: null, gitSha1: null, mark: markOf(opened) });
      } else {
        throw refused(`${path} is neither a file nor a folder`);
      }
    }
  }

  private async real(path: string): Promise<string> {
    try {
      return await realpath(path);
    } catch (error) {
      throw failureOf(error, path);
    }
  }
}

/** Opens without waiting (a pipe would wait for its writer) and makes sure that what was opened lies where it should. */
async function openFile(place: string, root: string, path: string): Promise<FileHandle> {
  const handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: unknown) => {
    throw failureOf(error, path);
  });
  try {
    if (!(await handle.stat()).isFile()) throw refused(`${path} is neither a file nor a folder`);
    const opened = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => place);
    if (!isWithin(root, opened)) throw refused(`${path} leads out of ${root}`);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function* unchanged(handle: FileHandle, file: ImportFile, offset: number): AsyncGenerator<Uint8Array> {
  try {
    let at = offset;
    while (at < file.sizeBytes) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(READ_BYTES), 0, Math.min(READ_BYTES, file.sizeBytes - at), at);
      if (bytesRead === 0) throw changed(file.path, "it became shorter");
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    if (markOf(await handle.stat({ bigint: true })) !== file.mark) throw changed(file.path, "it was written while it was read");
  } finally {
    await handle.close();
  }
}

function markOf(stats: BigIntStats): string {
  return [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(":");
}

export function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function refused(detail: string): SourceFailure {
  return new SourceFailure("refused", detail);
}

function failureOf(error: unknown, path: string): SourceFailure {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "ENOENT" || code === "ENOTDIR") return new SourceFailure("not_found", `there is no ${path}`);
  if (code === "EACCES" || code === "EPERM") return new SourceFailure("unauthorised", `the platform may not read ${path}`);
  if (code === "ELOOP") return refused(`${path} is a link that leads in a circle`);
  return new SourceFailure("unreachable", `${path}: ${reasonOf(error)}`);
}
