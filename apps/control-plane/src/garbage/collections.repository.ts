import { Injectable } from "@nestjs/common";
import { type GarbageCollection, GarbageCollectionId } from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import type { GarbageAmount } from "./garbage.repository.js";

export interface CollectionRow {
  readonly id: string;
  readonly institution_id: string;
  readonly until: Date;
  readonly reason: string;
  readonly requested_by: string;
  readonly created_at: Date;
  readonly finished_at: Date | null;
  readonly expected_count: number;
  readonly expected_bytes: string;
  readonly uploads: number;
  readonly upload_bytes: string;
  readonly strays: number;
  readonly stray_bytes: string;
  readonly cursor: string;
  readonly detail: string | null;
  readonly removed: number;
  readonly removed_bytes: string;
  readonly came_back: number;
}

const SELECT = `
  select c.*, r.removed, r.removed_bytes, r.came_back from garbage_collections c cross join lateral (
    select count(*) filter (where not came_back)::int as removed, coalesce(sum(size_bytes) filter (where not came_back), 0)::bigint as removed_bytes,
      count(*) filter (where came_back)::int as came_back
    from blob_removals r where r.collection_id = c.id and r.settled_at is not null) r`;

/** Collections of garbage: what was asked for, and how far each is. */
@Injectable()
export class CollectionsRepository {
  async find(tx: Tx, id: string): Promise<CollectionRow | null> {
    const [row] = await tx.query<CollectionRow>(`${SELECT} where c.id = $1`, [id]);
    return row ?? null;
  }

  list(tx: Tx, before: string | null, limit: number): Promise<CollectionRow[]> {
    return tx.query<CollectionRow>(`${SELECT} where ($1::text is null or c.id < $1) order by c.id desc limit $2`, [before, limit]);
  }

  /** The collection under way, if one is. */
  async open(tx: Tx): Promise<CollectionRow | null> {
    const [row] = await tx.query<CollectionRow>(`${SELECT} where c.finished_at is null`);
    return row ?? null;
  }

  /** One person at a time decides whether a collection begins. */
  async lockAll(tx: Tx): Promise<void> {
    await tx.query("select pg_advisory_xact_lock(hashtextextended('garbage collections', 0))");
  }

  async insert(tx: Tx, row: { readonly until: Date; readonly reason: string; readonly expected: GarbageAmount }): Promise<string> {
    const id = newId("garbageCollection");
    await tx.query(
      `insert into garbage_collections (id, institution_id, until, reason, requested_by, expected_count, expected_bytes)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [id, tx.viewer.institutionId, row.until, row.reason, tx.viewer.name, row.expected.count, row.expected.bytes],
    );
    return id;
  }

  /** The row while it is unfinished, kept from others who work on it, and off the list of what is due for a while. */
  async lockOpen(tx: Tx, id: string, leaseSeconds: number): Promise<CollectionRow | null> {
    const rows = await tx.query(
      "update garbage_collections set due_at = now() + make_interval(secs => $2) where id = $1 and finished_at is null returning id",
      [id, leaseSeconds],
    );
    return rows.length === 0 ? null : this.find(tx, id);
  }

  async goOn(tx: Tx, id: string, cursor: string): Promise<void> {
    await tx.query("update garbage_collections set cursor = $2, detail = null where id = $1", [id, cursor]);
  }

  async count(tx: Tx, id: string, what: "uploads" | "strays", { count, bytes }: GarbageAmount): Promise<void> {
    const bytesColumn = what === "uploads" ? "upload_bytes" : "stray_bytes";
    await tx.query(`update garbage_collections set ${what} = ${what} + $2, ${bytesColumn} = ${bytesColumn} + $3 where id = $1`, [
      id,
      count,
      bytes,
    ]);
  }

  async broke(tx: Tx, id: string, detail: string): Promise<void> {
    await tx.query("update garbage_collections set detail = $2 where id = $1 and finished_at is null", [id, detail]);
  }

  /** Not while a file waits for its removal. @returns whether it was unfinished until now */
  async finish(tx: Tx, id: string): Promise<boolean> {
    const rows = await tx.query(
      `update garbage_collections set finished_at = now(), due_at = null, detail = null where id = $1 and finished_at is null
         and not exists (select 1 from blob_removals where collection_id = $1 and settled_at is null) returning id`,
      [id],
    );
    return rows.length > 0;
  }
}

export function collectionOf(row: CollectionRow): GarbageCollection {
  return {
    id: GarbageCollectionId.parse(row.id),
    state: row.finished_at === null ? "running" : "done",
    until: row.until.toISOString(),
    reason: row.reason,
    requestedBy: row.requested_by,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    expected: { count: row.expected_count, bytes: Number(row.expected_bytes) },
    removed: { count: row.removed, bytes: Number(row.removed_bytes) },
    uploads: { count: row.uploads, bytes: Number(row.upload_bytes) },
    strays: { count: row.strays, bytes: Number(row.stray_bytes) },
    cameBack: row.came_back,
    detail: row.detail,
  };
}
