import { Injectable } from "@nestjs/common";
import {
  type InstitutionExport,
  InstitutionExportId,
  type InstitutionExportManifest,
  type InstitutionExportState,
} from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface ExportRow {
  readonly id: string;
  readonly institution_id: string;
  readonly slug: string;
  readonly state: InstitutionExportState;
  readonly requested_by: string;
  readonly requested_by_name: string;
  readonly created_at: Date;
  readonly as_of: Date | null;
  readonly files_done: number;
  readonly files_total: number | null;
  readonly bytes_done: string;
  readonly bytes_total: string | null;
  readonly archive_bytes: string;
  readonly list_bytes: string;
  readonly cursor: string;
  readonly missing: string[];
  readonly tables: InstitutionExportManifest["tables"];
  readonly manifest_sha256: string | null;
  readonly detail: string | null;
  readonly finished_at: Date | null;
}

/** How far an archive is on disk, for good. */
export interface Reached {
  readonly archiveBytes: number;
  readonly listBytes: number;
  readonly cursor: string;
  readonly filesDone: number;
  readonly bytesDone: number;
  readonly missing: readonly string[];
}

const SELECT = "select x.*, i.slug from institution_exports x join institutions i on i.id = x.institution_id";
/** How many of an institution's exports are listed. */
const LISTED = 20;

@Injectable()
export class ExportsRepository {
  async insert(tx: Tx, institutionId: string): Promise<string> {
    const id = newId("institutionExport");
    await tx.query("insert into institution_exports (id, institution_id, requested_by, requested_by_name) values ($1, $2, $3, $4)", [
      id,
      institutionId,
      tx.viewer.userId,
      tx.viewer.name,
    ]);
    return id;
  }

  async find(tx: Tx, id: string): Promise<ExportRow | null> {
    const [row] = await tx.query<ExportRow>(`${SELECT} where x.id = $1`, [id]);
    return row ?? null;
  }

  async openOf(tx: Tx, institutionId: string): Promise<ExportRow | null> {
    const [row] = await tx.query<ExportRow>(`${SELECT} where x.institution_id = $1 and x.state in ('queued', 'running')`, [institutionId]);
    return row ?? null;
  }

  list(tx: Tx, institutionId: string): Promise<ExportRow[]> {
    return tx.query<ExportRow>(`${SELECT} where x.institution_id = $1 order by x.id desc limit ${LISTED}`, [institutionId]);
  }

  /** @returns whether it was under way until now */
  async cancel(tx: Tx, id: string): Promise<boolean> {
    const rows = await tx.query(
      `update institution_exports set state = 'cancelled', due_at = null, finished_at = now() where id = $1 and state in ('queued', 'running') returning id`,
      [id],
    );
    return rows.length > 0;
  }

  /** Takes the work for itself for a while; whoever had it before finds its lease gone. */
  async claim(tx: Tx, id: string, lease: string, seconds: number): Promise<ExportRow | null> {
    const rows = await tx.query(
      `update institution_exports set state = 'running', lease_id = $2, due_at = now() + make_interval(secs => $3)
       where id = $1 and state in ('queued', 'running') and lease_id is null returning id`,
      [id, lease, seconds],
    );
    return rows.length === 0 ? null : this.find(tx, id);
  }

  /** Takes leases back whose time has run out: whoever had them is not heard of any more, or finds them gone. */
  async takeBack(tx: Tx, ids: readonly string[]): Promise<void> {
    await tx.query("update institution_exports set lease_id = null where id = any($1)", [ids]);
  }

  /** @returns whether the lease still holds */
  async renew(tx: Tx, id: string, lease: string, seconds: number): Promise<boolean> {
    const rows = await tx.query(
      "update institution_exports set due_at = now() + make_interval(secs => $3) where id = $1 and lease_id = $2 and state = 'running' returning id",
      [id, lease, seconds],
    );
    return rows.length > 0;
  }

  /** Its rows are written. */
  async rowsWritten(
    tx: Tx,
    id: string,
    lease: string,
    at: {
      readonly asOf: string;
      readonly changes: number;
      readonly tables: InstitutionExportManifest["tables"];
      readonly filesTotal: number;
      readonly bytesTotal: number;
    } & Pick<Reached, "archiveBytes" | "listBytes">,
  ): Promise<boolean> {
    const rows = await tx.query(
      `update institution_exports set as_of = $3, changes = $4, tables = $5, files_total = $6, bytes_total = $7, archive_bytes = $8, list_bytes = $9
       where id = $1 and lease_id = $2 and state = 'running' returning id`,
      [id, lease, at.asOf, at.changes, JSON.stringify(at.tables), at.filesTotal, at.bytesTotal, at.archiveBytes, at.listBytes],
    );
    return rows.length > 0;
  }

  async reached(tx: Tx, id: string, lease: string, at: Reached, seconds: number): Promise<boolean> {
    const rows = await tx.query(
      `update institution_exports set archive_bytes = $3, list_bytes = $4, cursor = $5, files_done = $6, bytes_done = $7, missing = $8, detail = null,
         due_at = now() + make_interval(secs => $9)
       where id = $1 and lease_id = $2 and state = 'running' returning id`,
      [id, lease, at.archiveBytes, at.listBytes, at.cursor, at.filesDone, at.bytesDone, at.missing, seconds],
    );
    return rows.length > 0;
  }

  async finish(
    tx: Tx,
    id: string,
    lease: string,
    { archiveBytes, manifestSha256 }: { archiveBytes: number; manifestSha256: string },
  ): Promise<boolean> {
    const rows = await tx.query(
      `update institution_exports set state = 'done', archive_bytes = $3, manifest_sha256 = $4, finished_at = now(), due_at = null, lease_id = null, detail = null
       where id = $1 and lease_id = $2 and state = 'running' returning id`,
      [id, lease, archiveBytes, manifestSha256],
    );
    return rows.length > 0;
  }

  /** Lets go of it, to be gone on with after so long. */
  async pause(tx: Tx, id: string, lease: string, seconds: number, detail: string | null): Promise<void> {
    await tx.query(
      `update institution_exports set lease_id = null, due_at = now() + make_interval(secs => $3), detail = $4
       where id = $1 and lease_id = $2 and state = 'running'`,
      [id, lease, seconds, detail],
    );
  }

  /** Exports whose archives are of no use any more, because a newer one is done. */
  async superseded(tx: Tx, institutionId: string, newestId: string): Promise<string[]> {
    const rows = await tx.query<{ id: string }>("select id from institution_exports where institution_id = $1 and id < $2", [
      institutionId,
      newestId,
    ]);
    return rows.map(({ id }) => id);
  }
}

export function exportOf(row: ExportRow, isCurrent: boolean): InstitutionExport {
  return {
    id: InstitutionExportId.parse(row.id),
    state: row.state,
    asOf: row.as_of?.toISOString() ?? null,
    requestedBy: row.requested_by_name,
    requestedAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    files: { done: row.files_done, total: row.files_total },
    bytes: {
      done: row.state === "done" ? Number(row.archive_bytes) : Number(row.bytes_done),
      total: row.state === "done" ? Number(row.archive_bytes) : row.bytes_total === null ? null : Number(row.bytes_total),
    },
    detail: row.detail,
    isCurrent,
  };
}
