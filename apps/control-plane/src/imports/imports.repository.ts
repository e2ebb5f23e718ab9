import { Injectable } from "@nestjs/common";
import type { CreateImport, ImportFailure, ImportState, ListImports } from "@ziggurat/contracts";
import { OPEN_IMPORT_STATES } from "@ziggurat/pyramid";
import { newId } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import { type ImportRow, SELECT_IMPORT } from "./import-row.js";
import type { ImportFile } from "./sources/import-source.js";

/** A file of an import, and the digest of its bytes once all are here. */
export interface FileRow extends ImportFile {
  readonly n: number;
  readonly storedSha256: string | null;
}

/** How far a transfer is. */
export interface ProgressNow {
  readonly filesDone: number;
  readonly bytesDone: number;
  readonly bytesPerSecond: number | null;
}

/** A lease is renewed every second; after this long without, its holder is taken to be gone. */
export const LEASE_SECONDS = 10;

@Injectable()
export class ImportsRepository {
  async find(tx: Tx, id: string): Promise<ImportRow | null> {
    const [row] = await tx.query<ImportRow>(`${SELECT_IMPORT} where i.id = $1`, [id]);
    return row ?? null;
  }

  async lock(tx: Tx, id: string): Promise<ImportRow | null> {
    await tx.query("select 1 from imports where id = $1 for update", [id]);
    return this.find(tx, id);
  }

  /** One page, newest first. `before` is the id of the last row of the page before. */
  list(tx: Tx, query: ListImports, before: string | null): Promise<ImportRow[]> {
    return tx.query<ImportRow>(`${SELECT_IMPORT} where ${FILTER} and ($3::text is null or i.id < $3) order by i.id desc limit $4`, [
      query["filter[state]"] ?? null,
      query["filter[model]"] ?? null,
      before,
      query.limit + 1,
    ]);
  }

  async count(tx: Tx, query: ListImports): Promise<number> {
    const [row] = await tx.query<{ total: number }>(
      `select count(*)::int as total from imports i join models m on m.id = i.model_id where ${FILTER}`,
      [query["filter[state]"] ?? null, query["filter[model]"] ?? null],
    );
    return row?.total ?? 0;
  }

  async insert(tx: Tx, model: { readonly id: string; readonly institution_id: string }, request: CreateImport): Promise<string> {
    const id = newId("import");
    await tx.query(
      `insert into imports (id, institution_id, model_id, request, state, requested_by, requested_by_name)
       values ($1, $2, $3, $4, 'resolving', $5, $6)`,
      [id, model.institution_id, model.id, JSON.stringify(request), tx.viewer.userId, tx.viewer.name],
    );
    return id;
  }

  /**
   * Takes the lease of an import that nobody holds. Every process may try; one gets it.
   * @returns whether it is ours now
   */
  async claim(tx: Tx, id: string, leaseId: string): Promise<boolean> {
    const rows = await tx.query(
      `update imports set lease_id = $2, lease_until = now() + $4 * interval '1 second', due_at = now() + ($4 + 1) * interval '1 second',
         bytes_per_second = null, started_at = coalesce(started_at, now())
       where id = $1 and state = any($3) and due_at is not null and (lease_until is null or lease_until < now()) returning id`,
      [id, leaseId, [...OPEN_IMPORT_STATES, "cancelled"], LEASE_SECONDS],
    );
    return rows.length > 0;
  }

  /** Holds on to the lease and writes how far we are. False when it is lost or somebody cancelled. */
  async renew(tx: Tx, id: string, leaseId: string, now: ProgressNow | null): Promise<boolean> {
    const rows = await tx.query(
      `update imports set lease_until = now() + $4 * interval '1 second', due_at = now() + ($4 + 1) * interval '1 second', updated_at = now(),
         files_done = coalesce($5, files_done), bytes_done = coalesce($6, bytes_done), bytes_per_second = $7
       where id = $1 and lease_id = $2 and state = any($3) returning id`,
      [id, leaseId, OPEN_IMPORT_STATES, LEASE_SECONDS, now?.filesDone ?? null, now?.bytesDone ?? null, now?.bytesPerSecond ?? null],
    );
    return rows.length > 0;
  }

  /** Gives the lease back. What is still to be done is due after `seconds`; null: nothing is. */
  async release(tx: Tx, id: string, leaseId: string, seconds: number | null): Promise<void> {
    await tx.query(
      `update imports set lease_id = null, lease_until = null, bytes_per_second = null, updated_at = now(),
         due_at = case when state in ('done', 'failed') then null else now() + make_interval(secs => $3) end
       where id = $1 and lease_id = $2`,
      [id, leaseId, seconds],
    );
  }

  /** The row locked, as long as the lease is ours and the import open; else null. */
  async lockHeld(tx: Tx, id: string, leaseId: string): Promise<ImportRow | null> {
    const rows = await tx.query("select 1 from imports where id = $1 and lease_id = $2 and state = any($3) for update", [
      id,
      leaseId,
      OPEN_IMPORT_STATES,
    ]);
    return rows.length === 0 ? null : this.find(tx, id);
  }

  async putListing(tx: Tx, row: ImportRow, revision: string, files: readonly ImportFile[]): Promise<void> {
    await tx.query("delete from import_files where import_id = $1", [row.id]);
    await tx.query(
      `insert into import_files (import_id, n, institution_id, path, size_bytes, sha256, git_sha1, mark)
       select $1, f.n, $2, f.path, f.size_bytes, f.sha256, f.git_sha1, f.mark
       from unnest($3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[])
         with ordinality as f (path, size_bytes, sha256, git_sha1, mark, n)`,
      [
        row.id,
        row.institution_id,
        files.map(({ path }) => path),
        files.map(({ sizeBytes }) => sizeBytes),
        files.map(({ sha256 }) => sha256),
        files.map(({ gitSha1 }) => gitSha1),
        files.map(({ mark }) => mark),
      ],
    );
    const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    await tx.query(
      `update imports set revision = $2, files_total = $3, bytes_total = $4, files_done = 0, bytes_done = 0, updated_at = now() where id = $1`,
      [row.id, revision, files.length, bytes],
    );
  }

  async files(tx: Tx, importId: string): Promise<FileRow[]> {
    const rows = await tx.query<FileRow & { readonly sizeBytes: string }>(
      `select n, path, size_bytes as "sizeBytes", sha256, git_sha1 as "gitSha1", mark, stored_sha256 as "storedSha256"
       from import_files where import_id = $1 order by n`,
      [importId],
    );
    return rows.map((row) => ({ ...row, sizeBytes: Number(row.sizeBytes) }));
  }

  /** A file whose every byte is here. Its blob belongs to nobody yet: no grant, so nobody can read it. */
  async stored(tx: Tx, importId: string, file: FileRow, sha256: string): Promise<void> {
    await tx.query("insert into blobs (sha256, size_bytes) values ($1, $2) on conflict do nothing", [sha256, file.sizeBytes]);
    await tx.query("update import_files set stored_sha256 = $3 where import_id = $1 and n = $2", [importId, file.n, sha256]);
  }

  /** Counts only finished files again, once the unfinished ones are gone. */
  async recount(tx: Tx, importId: string): Promise<void> {
    await tx.query(
      `update imports i set files_done = f.files, bytes_done = f.bytes
       from (select count(*)::int as files, coalesce(sum(size_bytes), 0)::bigint as bytes from import_files
             where import_id = $1 and stored_sha256 is not null) f where i.id = $1`,
      [importId],
    );
  }

  /** Moves an import whose row is locked: state, dates and audit entry in one transaction. */
  async move(
    tx: Tx,
    row: ImportRow,
    to: ImportState,
    { failure = null, versionId = null, reason, action = "move" }: ImportMoved,
  ): Promise<void> {
    const isOpen = OPEN_IMPORT_STATES.includes(to);
    await tx.query(
      `update imports set state = $2, failure = $3, version_id = $4, updated_at = now(), finished_at = case when $5 then null else now() end,
         bytes_per_second = case when $5 then bytes_per_second end,
         due_at = case when $5 then due_at when $2 = 'cancelled' then now() end
       where id = $1`,
      [row.id, to, failure === null ? null : JSON.stringify(failure), versionId, isOpen],
    );
    await tx.audit({
      institutionId: row.institution_id,
      action: `import.${action}`,
      object: row.id,
      ...(reason === undefined ? {} : { reason }),
      before: { state: row.state },
      after: { state: to, revision: row.revision, failure, versionId },
    });
  }
}

export interface ImportMoved {
  readonly failure?: ImportFailure | null;
  readonly versionId?: string | null;
  readonly reason?: string;
  readonly action?: "move" | "cancel" | "retry";
}

const FILTER = `($1::text is null or i.state = $1) and ($2::text is null or m.namespace || '/' || m.slug = $2)`;
