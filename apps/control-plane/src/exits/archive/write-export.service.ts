import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { Inject, Injectable } from "@nestjs/common";
import { INSTITUTION_EXPORT_MANIFEST_TYPE, InstitutionExportId, InstitutionExportManifest, type QueuePayload } from "@ziggurat/contracts";
import { AuditSlices } from "../../audit/export/audit-slices.service.js";
import { CONFIG, type Config } from "../../platform/config.js";
import { canonicalJson } from "../../platform/database/audit-record.js";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer, type Viewer } from "../../platform/database/viewer.js";
import { ed25519Envelope } from "../../platform/keys/ed25519-envelope.js";
import { PlatformKeys } from "../../platform/keys/platform-keys.js";
import { QueueHandler } from "../../platform/queue/queue-handler.js";
import { takeDue } from "../../platform/queue/take-due.js";
import { BLOB_STORE, type BlobStore } from "../../registry/blobs/blob-store.js";
import { ExitFactsRepository } from "../exit-facts.repository.js";
import { type ExportRow, ExportsRepository, type Reached } from "../exports.repository.js";
import { FATES } from "../table-fates.js";
import { ArchiveFile, exportPaths, removeExport, WrongContent } from "./archive-file.js";
import { ExportRowsRepository } from "./export-rows.repository.js";
import { readMe } from "./read-me.js";

/** Seconds that the work on an export is somebody's own; renewed as it goes on. */
const LEASE_SECONDS = 60;
/** Milliseconds after which a handler lets go, so that others in the queue get their turn and a stop need not wait. */
const SLICE_MS = 15_000;
/** What is written between two marks of how far it is. */
const MARK_BYTES = 64 * 1024 ** 2;
const MARK_FILES = 200;
/** Bytes of rows in one entry of the archive. */
const PART_BYTES = 4 * 1024 ** 2;

/**
 * Writes archives of institutions, beside requests and in slices. The rows are read in one snapshot; files follow one by one, and how far
 * they are is marked in the row when it lies on disk. A kill loses at most what came since the last mark.
 */
@Injectable()
export class WriteExport {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly exports: ExportsRepository,
    private readonly rows: ExportRowsRepository,
    private readonly facts: ExitFactsRepository,
    private readonly slices: AuditSlices,
    private readonly keys: PlatformKeys,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
    @Inject(CONFIG) private readonly config: Pick<Config, "dataDir">,
  ) {}

  @QueueHandler("institution.export")
  async write({ exportId: id }: QueuePayload<"institution.export">): Promise<void> {
    const lease = randomUUID();
    const row = await this.unitOfWork.run(WRITER, (tx) => this.exports.claim(tx, id, lease, LEASE_SECONDS));
    if (row === null) return;
    try {
      const outcome = await this.goOn(row, lease);
      if (outcome === "lost") return;
      if (outcome === "unsealed") await this.unitOfWork.run(WRITER, (tx) => this.exports.pause(tx, id, lease, 1, null));
      if (outcome === "more") {
        await this.unitOfWork.run(WRITER, async (tx) => {
          await this.exports.pause(tx, id, lease, 5, null);
          await tx.enqueue("institution.export", { exportId: id });
        });
      }
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      await this.unitOfWork.run(WRITER, (tx) => this.exports.pause(tx, id, lease, 30, detail));
      throw error;
    }
  }

  /** Enqueues every export whose row says that work is due, whatever became of earlier messages. */
  async enqueueDue(): Promise<void> {
    await this.unitOfWork.run(WRITER, async (tx) => {
      const due = await takeDue(tx, "institution_exports", LEASE_SECONDS);
      await this.exports.takeBack(tx, due);
      for (const id of due) await tx.enqueue("institution.export", { exportId: InstitutionExportId.parse(id) });
    });
  }

  private async goOn(row: ExportRow, lease: string): Promise<"done" | "more" | "lost" | "unsealed"> {
    const paths = exportPaths(this.config.dataDir, row.institution_id, row.id);
    const isNew = row.as_of === null;
    const archive = await ArchiveFile.open(paths, {
      archiveBytes: isNew ? 0 : Number(row.archive_bytes),
      listBytes: isNew ? 0 : Number(row.list_bytes),
    });
    try {
      if (isNew) return (await this.writeRows(row, lease, archive, paths.wanted)) ? "more" : "lost";
      if (row.cursor < AFTER_FILES) {
        const outcome = await this.writeFiles(row, lease, archive, paths.wanted);
        if (outcome !== "all") return outcome;
      }
      return await this.finish(row.id, lease, archive, paths.list);
    } finally {
      await archive.close();
    }
  }

  /** Everything the database has, as of one moment, and what files are to follow. */
  private async writeRows(row: ExportRow, lease: string, archive: ArchiveFile, wantedPath: string): Promise<boolean> {
    const { institution_id: institutionId } = row;
    const written = await this.unitOfWork.snapshot(WRITER, async (tx) => {
      const asOf = await tx.startedAt;
      await archive.add("README.md", Buffer.from(readMe(row.slug, asOf)));
      await archive.add(
        "tables/institutions/000001.jsonl",
        Buffer.from(`${JSON.stringify(await this.rows.institution(tx, institutionId))}\n`),
      );
      const tables: InstitutionExportManifest["tables"] = [{ table: "institutions", rows: 1, without: {} }];
      for (const table of await this.rows.tables(tx)) {
        const fate = FATES[table];
        if (fate?.exported !== true) continue;
        tables.push({
          table,
          rows: await addParts(archive, `tables/${table}`, this.rows.lines(tx, table, institutionId)),
          without: { ...fate.without },
        });
        if (!(await this.unitOfWork.run(WRITER, (other) => this.exports.renew(other, row.id, lease, LEASE_SECONDS)))) return null;
      }
      await addParts(archive, "lineage", once(await this.rows.derivations(tx, institutionId)));
      const held = await this.rows.held(tx, institutionId);
      await pipeline(
        held.map(({ sha256, size_bytes }) => `${sha256} ${size_bytes}\n`),
        createWriteStream(wantedPath, { mode: 0o600, flush: true }),
      );
      return {
        asOf,
        changes: await this.facts.changes(tx, institutionId, new Date(asOf)),
        tables,
        filesTotal: held.length,
        bytesTotal: held.reduce((sum, { size_bytes }) => sum + Number(size_bytes), 0),
      };
    });
    if (written === null) return false;
    const at = await archive.sync();
    return this.unitOfWork.run(WRITER, (tx) => this.exports.rowsWritten(tx, row.id, lease, { ...written, ...at }));
  }

  private async writeFiles(row: ExportRow, lease: string, archive: ArchiveFile, wantedPath: string): Promise<"all" | "more" | "lost"> {
    const began = Date.now();
    const missing = [...row.missing];
    let [cursor, filesDone, bytesDone, sinceMark, bytesAtMark] = [
      row.cursor,
      row.files_done,
      Number(row.bytes_done),
      0,
      Number(row.bytes_done),
    ];
    const mark = async (at: string): Promise<boolean> => {
      const reached: Reached = { ...(await archive.sync()), cursor: at, filesDone, bytesDone, missing };
      [sinceMark, bytesAtMark] = [0, bytesDone];
      return this.unitOfWork.run(WRITER, (tx) => this.exports.reached(tx, row.id, lease, reached, LEASE_SECONDS));
    };
    for await (const line of createInterface({ input: createReadStream(wantedPath), crlfDelay: Number.POSITIVE_INFINITY })) {
      const [sha256 = "", size = "0"] = line.split(" ");
      if (sha256 <= cursor) continue;
      if (!(await this.addFile(archive, sha256, Number(size)))) missing.push(sha256);
      [cursor, filesDone, bytesDone, sinceMark] = [sha256, filesDone + 1, bytesDone + Number(size), sinceMark + 1];
      const isDue = sinceMark >= MARK_FILES || bytesDone - bytesAtMark >= MARK_BYTES;
      if (isDue && !(await mark(cursor))) return "lost";
      if (Date.now() - began >= SLICE_MS) return (await mark(cursor)) ? "more" : "lost";
    }
    return (await mark(AFTER_FILES)) ? "all" : "lost";
  }

  /** @returns whether its bytes were there and are what their digest says */
  private async addFile(archive: ArchiveFile, sha256: string, sizeBytes: number): Promise<boolean> {
    if ((await this.store.sizeOf(sha256)) !== sizeBytes) return false;
    try {
      await archive.pour(`files/${sha256.slice(0, 2)}/${sha256}`, sizeBytes, sha256, this.store.read(sha256));
      return true;
    } catch (error) {
      if (error instanceof WrongContent) return false;
      throw error;
    }
  }

  /** The log up to the moment of the rows, and the signature over all of it. Done again as a whole after a kill. */
  private async finish(id: string, lease: string, archive: ArchiveFile, listPath: string): Promise<"done" | "lost" | "unsealed"> {
    const row = await this.unitOfWork.run(WRITER, (tx) => this.exports.find(tx, id));
    if (row?.as_of == null) throw new Error(`Export ${id} has no moment.`);
    const log = await this.slices.open(eyesOf(row), { id: row.institution_id, slug: row.slug }, row.as_of.toISOString());
    if (log === null) return "unsealed";
    let part = 0;
    for await (const lines of log) {
      part += 1;
      await archive.add(`audit/${String(part).padStart(6, "0")}.jsonl`, Buffer.from(lines));
      if (!(await this.unitOfWork.run(WRITER, (tx) => this.exports.renew(tx, id, lease, LEASE_SECONDS)))) return "lost";
    }
    await archive.add("keys/audit.pem", Buffer.from(this.keys.auditPublicKey.export({ type: "spki", format: "pem" }).toString()));
    await archive.sync();
    const entries = await countList(listPath);
    await archive.addList("entries.jsonl", entries.sizeBytes, createReadStream(listPath));
    const manifest = canonicalJson(manifestOf(row, entries));
    const { auditPrivateKey, auditPublicKey } = this.keys;
    const envelope = canonicalJson(ed25519Envelope(INSTITUTION_EXPORT_MANIFEST_TYPE, manifest, auditPrivateKey, auditPublicKey));
    await archive.end([
      { path: "manifest.json", body: Buffer.from(`${manifest}\n`) },
      { path: "manifest.dsse", body: Buffer.from(`${envelope}\n`) },
    ]);
    const { archiveBytes } = await archive.sync();
    const manifestSha256 = createHash("sha256").update(manifest).digest("hex");
    const older = await this.unitOfWork.run({ ...WRITER, name: row.requested_by_name }, async (tx) => {
      if (!(await this.exports.finish(tx, id, lease, { archiveBytes, manifestSha256 }))) return null;
      const after = { asOf: row.as_of?.toISOString(), archiveBytes, manifestSha256 };
      await tx.audit({ institutionId: row.institution_id, action: "institution.export_finish", object: id, after });
      return this.exports.superseded(tx, row.institution_id, id);
    });
    if (older === null) return "lost";
    for (const old of older) await removeExport(this.config.dataDir, row.institution_id, old);
    return "done";
  }
}

/** Behind every digest: the files are all there. */
const AFTER_FILES = "~";
const WRITER = systemViewer(`ins_${"0".repeat(32)}`, "platform", "export");

/** The log is read as the institution itself reads it. */
function eyesOf(row: ExportRow): Viewer {
  return { ...systemViewer(row.institution_id, row.slug, "export"), reach: "tenant" };
}

/** Lines as entries of some MiB. @returns how many lines */
async function addParts(archive: ArchiveFile, folder: string, source: AsyncIterable<readonly string[]>): Promise<number> {
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

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

async function countList(path: string): Promise<InstitutionExportManifest["entries"]> {
  const hash = createHash("sha256");
  let count = 0;
  for await (const chunk of createReadStream(path)) {
    if (!(chunk instanceof Uint8Array)) continue;
    hash.update(chunk);
    for (const byte of chunk) if (byte === 10) count += 1;
  }
  return { count, sizeBytes: (await stat(path)).size, sha256: hash.digest("hex") };
}

function manifestOf(row: ExportRow, entries: InstitutionExportManifest["entries"]): InstitutionExportManifest {
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
