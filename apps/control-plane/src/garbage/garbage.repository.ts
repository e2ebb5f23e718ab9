import { Injectable } from "@nestjs/common";
import type { Tx } from "../platform/database/unit-of-work.js";
import { CLAIMED_SECONDS } from "../registry/blobs/blobs.repository.js";

export interface GarbageAmount {
  readonly count: number;
  readonly bytes: number;
}
export interface GarbageBlob {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** When it was last claimed. */
  readonly since: Date;
}

/** What an unfinished job of an institution may still seal was brought since it began, and whose things are held as a whole. */
export const KEEPERS = `
  working as materialized (select institution_id, min(created_at) - interval '${CLAIMED_SECONDS} seconds' as since
    from jobs where finished_at is null group by institution_id),
  held as materialized (select held_institution_id as institution_id from legal_holds where held_institution_id is not null and lifted_at is null)`;

/** An import that is over since `$1` needs its files no more; asked for again, it fetches what is missing. */
const IMPORT_IS_OVER = `i.finished_at < $1 and i.institution_id not in (select institution_id from held)`;
const GRANT_IS_STALE = `g.claimed_at < least($1, (select w.since from working w where w.institution_id = g.institution_id))
  and g.institution_id not in (select institution_id from held)`;

/** Blob `b` is garbage: nothing refers to it, and nobody who brought it has claimed it since `$1`. */
const IS_GARBAGE = `b.created_at < $1
  and not exists (select 1 from version_files f where f.sha256 = b.sha256)
  and not exists (select 1 from dataset_versions d where d.stored_sha256 = b.sha256)
  and not exists (select 1 from evaluations e where e.items_sha256 = b.sha256)
  and not exists (select 1 from import_files f join imports i on i.id = f.import_id
    where f.stored_sha256 = b.sha256 and (${IMPORT_IS_OVER}) is not true)
  and not exists (select 1 from blob_grants g where g.sha256 = b.sha256 and not (${GRANT_IS_STALE}))`;

/** Blobs that nothing refers to. A row is forgotten before its file goes, and never while somebody makes use of it. */
@Injectable()
export class GarbageRepository {
  async count(tx: Tx, until: Date): Promise<GarbageAmount & { readonly oldest: Date | null }> {
    const [row] = await tx.query<{ count: number; bytes: string; oldest: Date | null }>(
      `with ${KEEPERS} select count(*)::int as count, coalesce(sum(b.size_bytes), 0)::bigint as bytes,
         min(greatest(b.created_at, (select max(g.claimed_at) from blob_grants g where g.sha256 = b.sha256))) as oldest
       from blobs b where ${IS_GARBAGE}`,
      [until],
    );
    return { count: row?.count ?? 0, bytes: Number(row?.bytes ?? 0), oldest: row?.oldest ?? null };
  }

  /** The longest unclaimed. */
  async first(tx: Tx, until: Date, limit: number): Promise<GarbageBlob[]> {
    const rows = await tx.query<{ sha256: string; size_bytes: string; since: Date }>(
      `with ${KEEPERS} select b.sha256, b.size_bytes,
         greatest(b.created_at, (select max(g.claimed_at) from blob_grants g where g.sha256 = b.sha256)) as since
       from blobs b where ${IS_GARBAGE} order by since, b.sha256 limit $2`,
      [until, limit],
    );
    return rows.map((row) => ({ sha256: row.sha256, sizeBytes: Number(row.size_bytes), since: row.since }));
  }

  async next(tx: Tx, until: Date, after: string, limit: number): Promise<string[]> {
    const rows = await tx.query<{ sha256: string }>(
      `with ${KEEPERS} select b.sha256 from blobs b where b.sha256 > $2 and ${IS_GARBAGE} order by b.sha256 limit $3`,
      [until, after, limit],
    );
    return rows.map(({ sha256 }) => sha256);
  }

  /**
   * Forgets those of these blobs that are garbage still, and notes their removal. Whatever somebody uploads, refers to or imports at this
   * moment is passed over, not waited for. @returns how many were forgotten
   */
  async forget(tx: Tx, collection: { readonly id: string; readonly institutionId: string }, until: Date, candidates: readonly string[]) {
    const locked = await this.locked(tx, candidates);
    const garbage = await this.stillGarbage(tx, until, locked);
    await this.letImportsGo(tx, until, garbage);
    await tx.query(`with ${KEEPERS} delete from blob_grants g where g.sha256 = any($2) and ${GRANT_IS_STALE}`, [until, garbage]);
    // A claim that was being written meanwhile has been waited for, and keeps its bytes.
    const rows = await tx.query<{ sha256: string }>(
      `insert into blob_removals (collection_id, institution_id, sha256, size_bytes)
       select $1, $2, b.sha256, b.size_bytes from blobs b where b.sha256 = any($3)
         and not exists (select 1 from blob_grants g where g.sha256 = b.sha256)
         and not exists (select 1 from import_files f where f.stored_sha256 = b.sha256)
       on conflict (collection_id, sha256) do update set noted_at = now(), settled_at = null, came_back = false returning sha256`,
      [collection.id, collection.institutionId, garbage],
    );
    await tx.query("delete from blobs where sha256 = any($1)", [rows.map(({ sha256 }) => sha256)]);
    return rows.length;
  }

  /** Digests whose removal was noted and is not done, under the lock of each. */
  async lockNoted(tx: Tx, collectionId: string, limit: number): Promise<string[]> {
    const rows = await tx.query<{ sha256: string }>(
      "select sha256 from blob_removals where collection_id = $1 and settled_at is null order by sha256 limit $2",
      [collectionId, limit],
    );
    const digests = rows.map(({ sha256 }) => sha256);
    for (const sha256 of digests) await tx.query("select pg_advisory_xact_lock(blob_lock($1))", [sha256]);
    return digests;
  }

  /** Those of these digests that are blobs. */
  async known(tx: Tx, digests: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ sha256: string }>("select sha256 from blobs where sha256 = any($1)", [digests]);
    return new Set(rows.map(({ sha256 }) => sha256));
  }

  async settle(tx: Tx, collectionId: string, digests: readonly string[], back: ReadonlySet<string>): Promise<void> {
    await tx.query(
      `update blob_removals set settled_at = now(), came_back = sha256 = any($3)
       where collection_id = $1 and sha256 = any($2) and settled_at is null`,
      [collectionId, digests, [...back]],
    );
  }

  /** Those that nobody uploads and nobody begins to refer to: both would wait for us, so we do not wait for them. */
  private async locked(tx: Tx, digests: readonly string[]): Promise<string[]> {
    const free = await tx.query<{ sha256: string }>(
      "select sha256 from unnest($1::text[]) as d (sha256) where pg_try_advisory_xact_lock(blob_lock(sha256))",
      [digests],
    );
    const rows = await tx.query<{ sha256: string }>("select sha256 from blobs where sha256 = any($1) for update skip locked", [
      free.map(({ sha256 }) => sha256),
    ]);
    return rows.map(({ sha256 }) => sha256);
  }

  private async stillGarbage(tx: Tx, until: Date, digests: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ sha256: string }>(
      `with ${KEEPERS} select b.sha256 from blobs b where b.sha256 = any($2) and ${IS_GARBAGE}`,
      [until, digests],
    );
    return rows.map(({ sha256 }) => sha256);
  }

  /** An import that somebody is retrying is passed over, and keeps its files. */
  private async letImportsGo(tx: Tx, until: Date, digests: readonly string[]): Promise<void> {
    const imports = await tx.query<{ id: string }>(
      `select i.id from imports i where i.id in (select import_id from import_files where stored_sha256 = any($1)) for update skip locked`,
      [digests],
    );
    const ids = imports.map(({ id }) => id);
    await tx.query(
      `with ${KEEPERS} update import_files f set stored_sha256 = null from imports i
       where i.id = f.import_id and f.import_id = any($3) and f.stored_sha256 = any($2) and ${IMPORT_IS_OVER}`,
      [until, digests, ids],
    );
    await tx.query(
      `update imports i set files_done = f.files, bytes_done = f.bytes
       from (select import_id, count(stored_sha256)::int as files, coalesce(sum(size_bytes) filter (where stored_sha256 is not null), 0)::bigint as bytes
             from import_files where import_id = any($1) group by import_id) f
       where i.id = f.import_id and i.state in ('failed', 'cancelled')`,
      [ids],
    );
  }
}
