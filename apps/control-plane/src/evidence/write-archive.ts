import { Readable } from "node:stream";
import { pack } from "tar-stream";

/** One file of an archive. */
export interface ArchiveEntry {
  readonly path: string;
  readonly body: Buffer;
}

/** The start of time: what every entry is dated, since an archive says nothing of when it was written. */
const DATED = new Date(0);

/**
 * Writes entries as a tar archive (ustar), each as soon as the one before was taken. Owners, dates and modes are fixed and nothing is
 * compressed: the same entries are the same bytes.
 */
export function writeArchive(entries: AsyncIterable<ArchiveEntry>): Readable {
  const archive = pack();
  const write = async (): Promise<void> => {
    for await (const { path, body } of entries) {
      await new Promise<void>((resolve, reject) => {
        archive.entry({ name: path, mode: 0o644, mtime: DATED, type: "file" }, body, (error) => (error ? reject(error) : resolve()));
      });
    }
    archive.finalize();
  };
  // Whoever reads the archive learns of it: the download breaks off.
  write().catch((error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))));
  return Readable.from(archive, { objectMode: false });
}
