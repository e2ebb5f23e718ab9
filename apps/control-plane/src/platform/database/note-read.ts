import type { ReadAction } from "@ziggurat/contracts";
import { firstIdAt } from "./ids.js";
import type { Tx } from "./unit-of-work.js";

/**
 * How long one entry stands for a person's further reads of the same thing. A log tailed every ten seconds, a download in ranges
 * or a table paged through is one read to an auditor; an entry per request would bury what matters under thousands like it.
 */
export const READ_WINDOW_MS = 15 * 60_000;

/**
 * Writes that the viewer read sensitive evidence into the viewer's own chain: one entry per person, object and quarter of an hour.
 * It belongs into the transaction that finds the evidence, so that nothing is handed out unless its entry was committed.
 */
export async function noteRead(tx: Tx, action: ReadAction, object: string): Promise<void> {
  if (await isNoted(tx, action, object)) return;
  // Two requests at once: the second waits here, and then sees the entry of the first.
  await tx.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`read ${tx.viewer.userId} ${action} ${object}`]);
  if (await isNoted(tx, action, object)) return;
  await tx.audit({ institutionId: tx.viewer.institutionId, action, object });
}

async function isNoted(tx: Tx, action: ReadAction, object: string): Promise<boolean> {
  const { userId, institutionId } = tx.viewer;
  const rows = await tx.query(
    `select from audit_entries
      where actor_id = $1 and institution_id = $2 and id >= $3 and object = $4 and action = $5 limit 1`,
    [userId, institutionId, firstIdAt("audit", Date.now() - READ_WINDOW_MS), object, action],
  );
  return rows.length > 0;
}
