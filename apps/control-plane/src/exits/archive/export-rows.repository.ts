import { Injectable } from "@nestjs/common";
import { escapeIdentifier, escapeLiteral } from "pg";
import type { Tx } from "../../platform/database/unit-of-work.js";
import { HELD_DIGESTS } from "../exit-facts.repository.js";
import { FATES } from "../table-fates.js";

/** Rows fetched at once. */
const FETCH = 1000;

/** What an export reads of the database, in one snapshot. */
@Injectable()
export class ExportRowsRepository {
  /**
   * Tables that institutions own, as the database has them.
   * @throws Error for one that nobody said the fate of: an export must not pass over it
   */
  async tables(tx: Tx): Promise<string[]> {
    const rows = await tx.query<{ name: string }>(OWNED_TABLES);
    const unknown = rows.filter(({ name }) => FATES[name] === undefined);
    if (unknown.length > 0) throw new Error(`Nothing says what becomes of ${unknown.map(({ name }) => name).join(", ")}.`);
    return rows.map(({ name }) => name);
  }

  /** Rows of one table as lines of JSON, without the columns that stay here, some at a time. */
  async *lines(tx: Tx, table: string, institutionId: string): AsyncGenerator<string[]> {
    const without = Object.keys(FATES[table]?.without ?? {});
    const keys = await tx.query<{ name: string }>(PRIMARY_KEY, [table]);
    const order = keys.length === 0 ? "" : ` order by ${keys.map(({ name }) => escapeIdentifier(name)).join(", ")}`;
    const left = without.map((column) => ` - ${escapeLiteral(column)}`).join("");
    const cursor = escapeIdentifier(`rows_of_${table}`);
    await tx.query(
      `declare ${cursor} no scroll cursor for select (to_jsonb(t)${left})::text as line from ${escapeIdentifier(table)} t
       where institution_id = ${escapeLiteral(institutionId)}${order}`,
    );
    for (let count = FETCH; count === FETCH; ) {
      const rows = await tx.query<{ line: string }>(`fetch ${FETCH} from ${cursor}`);
      count = rows.length;
      if (count > 0) yield rows.map(({ line }) => line);
    }
    await tx.query(`close ${cursor}`);
  }

  async institution(tx: Tx, institutionId: string): Promise<unknown> {
    const [row] = await tx.query<{ row: unknown }>("select to_jsonb(i) as row from institutions i where id = $1", [institutionId]);
    return row?.row;
  }

  /**
   * Edges of the institution's versions with both ends by name. A parent is the institution's own or a shared version that it stands on,
   * which it sees whatever became of its rights.
   */
  async derivations(tx: Tx, institutionId: string): Promise<string[]> {
    const rows = await tx.query<{ line: string }>(
      `select json_build_object('child', cm.namespace || '/' || cm.slug || '@' || c.number, 'childDigest', c.root_digest, 'relation', e.relation,
         'parent', pm.namespace || '/' || pm.slug || '@' || p.number, 'parentDigest', coalesce(e.parent_digest, p.root_digest),
         'seal', e.seal, 'job', e.job_id, 'at', e.created_at)::text as line
       from edges e join versions c on c.id = e.child_id join models cm on cm.id = c.model_id
         join versions p on p.id = e.parent_id join models pm on pm.id = p.model_id
       where e.institution_id = $1 order by e.child_id, e.relation, e.parent_id`,
      [institutionId],
    );
    return rows.map(({ line }) => line);
  }

  /** Digests and sizes of all that it has in the store, in order. */
  held(tx: Tx, institutionId: string): Promise<{ readonly sha256: string; readonly size_bytes: string }[]> {
    return tx.query(`select b.sha256, b.size_bytes from (${HELD_DIGESTS}) h join blobs b on b.sha256 = h.sha256 order by 1`, [
      institutionId,
    ]);
  }
}

const OWNED_TABLES = `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'institution_id' and not a.attisdropped
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by 1`;
const PRIMARY_KEY = `select a.attname as name from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
  where i.indrelid = $1::regclass and i.indisprimary order by array_position(i.indkey::int2[], a.attnum)`;
