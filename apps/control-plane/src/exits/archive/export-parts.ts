import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { InstitutionExportManifest } from "@ziggurat/contracts";
import type { ExportRow } from "../exports.repository.js";
import { FATES } from "../table-fates.js";
import type { ArchiveFile } from "./archive-file.js";

/** Bytes of rows in one entry of the archive. */
const PART_BYTES = 4 * 1024 ** 2;

/** Lines as entries of some MiB. @returns how many lines */
export async function addParts(archive: ArchiveFile, folder: string, source: AsyncIterable<readonly string[]>): Promise<number> {
  let [part, count, size] = [0, 0, 0];
  let lines: string[] = [];
  const flush = async (): Promise<void> => {
    if (lines.length === 0) return;
    part += 1;
    await archive.add(`${folder}/${String(part).padStart(6, "0")}.jsonl`, Buffer.from(`${lines.join("\n")}\n`));
    [lines, size] = [[], 0];
  };
  for await (const some of source) {
    for (const line of some) {
      lines.push(line);
      size += line.length;
      count += 1;
      if (size >= PART_BYTES) await flush();
    }
  }
  await flush();
  return count;
}

/** How many entries the list names, and its own size and digest. */
export async function countList(path: string): Promise<InstitutionExportManifest["entries"]> {
  const hash = createHash("sha256");
  let count = 0;
  for await (const chunk of createReadStream(path)) {
    if (!(chunk instanceof Uint8Array)) continue;
    hash.update(chunk);
    for (const byte of chunk) if (byte === 10) count += 1;
  }
  return { count, sizeBytes: (await stat(path)).size, sha256: hash.digest("hex") };
}

/** What is signed over an archive. */
export function manifestOf(row: ExportRow, entries: InstitutionExportManifest["entries"]): InstitutionExportManifest {
  const exceptions = Object.entries(FATES).flatMap(([table, { exported }]) => (exported === true ? [] : [[table, exported] as const]));
  return InstitutionExportManifest.parse({
    format: "ziggurat-institution-export/1",
    institution: row.slug,
    institutionId: row.institution_id,
    asOf: row.as_of?.toISOString(),
    tables: row.tables,
    exceptions: Object.fromEntries(exceptions),
    missing: row.missing,
    entries,
  });
}
