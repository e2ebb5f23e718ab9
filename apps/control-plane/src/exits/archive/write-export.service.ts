import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { statfs } from "node:fs/promises";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { Inject, Injectable } from "@nestjs/common";
import {
  INSTITUTION_EXPORT_MANIFEST_TYPE,
  InstitutionExportId,
  type InstitutionExportManifest,
  type QueuePayload,
} from "@ziggurat/contracts";
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
import { ExportLease, LeaseLost } from "./export-lease.js";
import { addParts, countList, manifestOf } from "./export-parts.js";
import { ExportRowsRepository } from "./export-rows.repository.js";
import { readMe } from "./read-me.js";

/** Seconds that the work on an export is somebody's own; renewed as it goes on. */
const LEASE_SECONDS = 60;
/** Milliseconds after which a handler lets go, so that others in the queue get their turn and a stop need not wait. */
const SLICE_MS = 15_000;
/** What is written between two marks of how far it is. */
const MARK_BYTES = 64 * 1024 ** 2;
const MARK_FILES = 200;
/** Bytes left free on the disk that archives are written to: what else the platform keeps there must go on. */
const SPARE_BYTES = 256 * 1024 ** 2;

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
    const lease = new ExportLease(randomUUID(), LEASE_SECONDS, () =>
      this.unitOfWork.run(WRITER, (tx) => this.exports.renew(tx, id, lease.id, LEASE_SECONDS)),
    );
    const row = await this.unitOfWork.run(WRITER, (tx) => this.exports.claim(tx, id, lease.id, LEASE_SECONDS));
    if (row === null) return;
    try {
      const outcome = await this.goOn(row, lease);
      if (outcome === "unsealed") await this.unitOfWork.run(WRITER, (tx) => this.exports.pause(tx, id, lease.id, 1, null));
      if (outcome === "more") {
        await this.unitOfWork.run(WRITER, async (tx) => {
          await this.exports.pause(tx, id, lease.id, 5, null);
          await tx.enqueue("institution.export", { exportId: id });
        });
      }
    } catch (error) {
      if (error instanceof LeaseLost) return this.leave(row);
      const detail = error instanceof Error ? error.message : String(error);
      await this.unitOfWork.run(WRITER, (tx) => this.exports.pause(tx, id, lease.id, 30, detail));
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

  private async goOn(row: ExportRow, lease: ExportLease): Promise<"done" | "more" | "unsealed"> {
    const paths = exportPaths(this.config.dataDir, row.institution_id, row.id);
    const isNew = row.as_of === null;
    const archive = await ArchiveFile.open(paths, {
      archiveBytes: isNew ? 0 : Number(row.archive_bytes),
      listBytes: isNew ? 0 : Number(row.list_bytes),
    });
    try {
      if (isNew) {
        await this.writeRows(row, lease, archive, paths.wanted);
        return "more";
      }
      if (row.cursor < AFTER_FILES && !(await this.writeFiles(row, lease, archive, paths.wanted))) return "more";
      return await this.finish(row.id, lease, archive, paths.list);
    } finally {
      await archive.close();
    }
  }

  /** What was called off while it was written on leaves nothing behind; what somebody else goes on with is theirs. */
  private async leave({ id, institution_id: institutionId }: ExportRow): Promise<void> {
    const now = await this.unitOfWork.run(WRITER, (tx) => this.exports.find(tx, id));
    if (now?.state === "cancelled") await removeExport(this.config.dataDir, institutionId, id);
  }

  /** Everything the database has, as of one moment, and what files are to follow. */
  private async writeRows(row: ExportRow, lease: ExportLease, archive: ArchiveFile, wantedPath: string): Promise<void> {
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
        const lines = lease.while(this.rows.lines(tx, table, institutionId));
        tables.push({ table, rows: await addParts(archive, `tables/${table}`, lines), without: { ...fate.without } });
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
    const at = await archive.sync();
    lease.held(await this.unitOfWork.run(WRITER, (tx) => this.exports.rowsWritten(tx, row.id, lease.id, { ...written, ...at })));
  }

  /** @returns whether all of them are written */
  private async writeFiles(row: ExportRow, lease: ExportLease, archive: ArchiveFile, wantedPath: string): Promise<boolean> {
    await this.refuseShortDisk(wantedPath, Number(row.bytes_total) - Number(row.bytes_done));
    const began = Date.now();
    const missing = [...row.missing];
    let [cursor, filesDone, bytesDone, sinceMark, bytesAtMark] = [
      row.cursor,
      row.files_done,
      Number(row.bytes_done),
      0,
      Number(row.bytes_done),
    ];
    const mark = async (at: string): Promise<void> => {
      const reached: Reached = { ...(await archive.sync()), cursor: at, filesDone, bytesDone, missing };
      [sinceMark, bytesAtMark] = [0, bytesDone];
      lease.held(await this.unitOfWork.run(WRITER, (tx) => this.exports.reached(tx, row.id, lease.id, reached, LEASE_SECONDS)));
    };
    for await (const line of createInterface({ input: createReadStream(wantedPath), crlfDelay: Number.POSITIVE_INFINITY })) {
      const [sha256 = "", size = "0"] = line.split(" ");
      if (sha256 <= cursor) continue;
      if (!(await this.addFile(archive, lease, sha256, Number(size)))) missing.push(sha256);
      [cursor, filesDone, bytesDone, sinceMark] = [sha256, filesDone + 1, bytesDone + Number(size), sinceMark + 1];
      if (sinceMark >= MARK_FILES || bytesDone - bytesAtMark >= MARK_BYTES) await mark(cursor);
      if (Date.now() - began >= SLICE_MS) {
        await mark(cursor);
        return false;
      }
    }
    await mark(AFTER_FILES);
    return true;
  }

  /** Said before a disk is filled that everybody's files lie on; tried again until there is room. */
  private async refuseShortDisk(path: string, neededBytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(path);
    if (bavail * bsize < neededBytes + SPARE_BYTES)
      throw new Error(`the platform's disk has no room for it: ${neededBytes} bytes are still to be written`);
  }

  /** @returns whether its bytes were there and are what their digest says */
  private async addFile(archive: ArchiveFile, lease: ExportLease, sha256: string, sizeBytes: number): Promise<boolean> {
    if ((await this.store.sizeOf(sha256)) !== sizeBytes) return false;
    try {
      await archive.pour(`files/${sha256.slice(0, 2)}/${sha256}`, sizeBytes, sha256, lease.while(this.store.read(sha256)));
      return true;
    } catch (error) {
      if (error instanceof WrongContent) return false;
      throw error;
    }
  }

  /** The log up to the moment of the rows, and the signature over all of it. Done again as a whole after a kill. */
  private async finish(id: string, lease: ExportLease, archive: ArchiveFile, listPath: string): Promise<"done" | "unsealed"> {
    const row = await this.unitOfWork.run(WRITER, (tx) => this.exports.find(tx, id));
    if (row?.as_of == null) throw new Error(`Export ${id} has no moment.`);
    const log = await this.slices.open(eyesOf(row), { id: row.institution_id, slug: row.slug }, row.as_of.toISOString());
    if (log === null) return "unsealed";
    let part = 0;
    for await (const lines of lease.while(log)) {
      part += 1;
      await archive.add(`audit/${String(part).padStart(6, "0")}.jsonl`, Buffer.from(lines));
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
      lease.held(await this.exports.finish(tx, id, lease.id, { archiveBytes, manifestSha256 }));
      const after = { asOf: row.as_of?.toISOString(), archiveBytes, manifestSha256 };
      await tx.audit({ institutionId: row.institution_id, action: "institution.export_finish", object: id, after });
      return this.exports.superseded(tx, row.institution_id, id);
    });
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

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}
