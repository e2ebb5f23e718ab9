import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TAR_END, tarHeader, tarPadding } from "./tar-header.js";

/** Where an archive and its list stand on disk. */
export interface Position {
  readonly archiveBytes: number;
  readonly listBytes: number;
}

/** Files of one export in the data directory: the archive, the list of its entries, and what it will hold. */
export function exportPaths(dataDir: string, institutionId: string, exportId: string) {
  const folder = exportFolder(dataDir, institutionId);
  return { archive: join(folder, `${exportId}.tar`), list: join(folder, `${exportId}.list`), wanted: join(folder, `${exportId}.files`) };
}

/** Everything that exports of an institution have on disk. */
export function exportFolder(dataDir: string, institutionId: string): string {
  return join(dataDir, "exports", institutionId);
}

export async function removeExport(dataDir: string, institutionId: string, exportId: string): Promise<void> {
  for (const path of Object.values(exportPaths(dataDir, institutionId, exportId))) await rm(path, { force: true });
}

/** Content that is not what its digest says. */
export class WrongContent extends Error {}

/** An archive that is written to its end over as many lives of the process as it takes: entries go behind what is on disk for good. */
export class ArchiveFile {
  private constructor(
    private readonly archive: FileHandle,
    private readonly list: FileHandle,
    private at: number,
    private listAt: number,
  ) {}

  /**
   * What was written behind the position, by whoever was killed, is cut off.
   * @throws Error when less is there than was put on disk for good: zeros in its place would be signed
   */
  static async open(
    paths: { readonly archive: string; readonly list: string },
    { archiveBytes, listBytes }: Position,
  ): Promise<ArchiveFile> {
    await mkdir(dirname(paths.archive), { recursive: true, mode: 0o700 });
    const flags = archiveBytes === 0 ? "w" : "r+";
    const archive = await open(paths.archive, flags, 0o600);
    const list = await open(paths.list, flags, 0o600);
    const opened = new ArchiveFile(archive, list, archiveBytes, listBytes);
    try {
      if ((await archive.stat()).size < archiveBytes || (await list.stat()).size < listBytes)
        throw new Error("what was written of the archive is not all there any more; call this export off and ask for another");
      await archive.truncate(archiveBytes);
      await list.truncate(listBytes);
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  }

  /** One entry from memory. */
  async add(path: string, body: Buffer): Promise<void> {
    await this.write(Buffer.concat([tarHeader(path, body.length), body, tarPadding(body.length)]));
    await this.note(path, body.length, createHash("sha256").update(body).digest("hex"));
  }

  /**
   * One entry from a stream, whose length and digest are known.
   * @throws WrongContent when it has others; the next entry takes its place
   */
  async pour(path: string, sizeBytes: number, sha256: string, source: AsyncIterable<unknown>): Promise<void> {
    const start = this.at;
    const hash = createHash("sha256");
    let written = 0;
    try {
      await this.write(tarHeader(path, sizeBytes));
      for await (const chunk of source) {
        if (!(chunk instanceof Uint8Array)) throw new TypeError("A stored file is a stream of bytes.");
        written += chunk.length;
        hash.update(chunk);
        await this.write(chunk);
      }
      if (written !== sizeBytes || hash.digest("hex") !== sha256) throw new WrongContent(path);
      await this.write(tarPadding(sizeBytes));
    } catch (error) {
      // Not cut off here: whoever lost the work must not cut what another has written since.
      this.at = start;
      throw error;
    }
    await this.note(path, sizeBytes, sha256);
  }

  /** Ends the archive; nothing comes behind it. The list says nothing of what vouches for it. */
  async end(entries: readonly { readonly path: string; readonly body: Buffer }[]): Promise<void> {
    for (const { path, body } of entries) {
      await this.write(Buffer.concat([tarHeader(path, body.length), body, tarPadding(body.length)]));
    }
    await this.write(TAR_END);
    await this.archive.truncate(this.at);
  }

  /** The list as an entry of the archive it is about. */
  async addList(path: string, sizeBytes: number, source: AsyncIterable<unknown>): Promise<void> {
    await this.write(tarHeader(path, sizeBytes));
    for await (const chunk of source) if (chunk instanceof Uint8Array) await this.write(chunk);
    await this.write(tarPadding(sizeBytes));
  }

  /** Puts what was written on disk for good. */
  async sync(): Promise<Position> {
    await Promise.all([this.archive.sync(), this.list.sync()]);
    return { archiveBytes: this.at, listBytes: this.listAt };
  }

  async close(): Promise<void> {
    await Promise.all([this.archive.close(), this.list.close()]);
  }

  private async note(path: string, sizeBytes: number, sha256: string): Promise<void> {
    const line = Buffer.from(`${JSON.stringify({ path, sizeBytes, sha256 })}\n`);
    await writeAll(this.list, line, this.listAt);
    this.listAt += line.length;
  }

  private async write(bytes: Uint8Array): Promise<void> {
    await writeAll(this.archive, bytes, this.at);
    this.at += bytes.length;
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written, position + written)).bytesWritten;
  }
}
