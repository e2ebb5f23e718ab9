import type { Tx } from "../database/unit-of-work.js";

/** Tables whose rows say by `due_at` when they want attention. */
export type DueTable =
  | "jobs"
  | "imports"
  | "recalls"
  | "verifications"
  | "clean_ups"
  | "garbage_collections"
  | "institution_exits"
  | "institution_exports";

const BATCH = 500;

/**
 * Rows that are due, each given until `leaseSeconds` from now: whoever enqueues them has that long before they count as forgotten
 * and come again. Two workers asking at once get different rows.
 * @returns their ids
 */
export async function takeDue(tx: Tx, table: DueTable, leaseSeconds: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `update ${table} set due_at = now() + make_interval(secs => $1) where id in
       (select id from ${table} where due_at <= now() order by due_at limit ${BATCH} for update skip locked) returning id`,
    [leaseSeconds],
  );
  return rows.map(({ id }) => id);
}
