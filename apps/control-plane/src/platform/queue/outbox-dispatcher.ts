import type { QueueJobName } from "@ziggurat/contracts";
import { PLATFORM_ID, PLATFORM_SLUG } from "../database/ids.js";
import { type UnitOfWork } from "../database/unit-of-work.js";
import { systemViewer } from "../database/viewer.js";
import type { QueueSender } from "./queue-engine.js";

const BATCH = 200;
const KEEP_SENT = "1 day";

interface OutboxRow {
  readonly id: string;
  readonly name: QueueJobName;
  readonly payload: unknown;
}

const dispatcher = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "outbox");

/**
 * Hands committed messages to the queue. Sent before marked: a crash in between sends again under the same id, which the queue
 * ignores and a handler would survive.
 * @returns how many messages left
 */
export async function dispatchOutbox(unitOfWork: UnitOfWork, sender: QueueSender): Promise<number> {
  let sent = 0;
  for (let batch = BATCH; batch === BATCH; sent += batch) {
    batch = await unitOfWork.run(dispatcher, async (tx) => {
      const rows = await tx.query<OutboxRow>(
        `select id, name, payload from outbox where dispatched_at is null order by created_at, id limit ${BATCH} for update skip locked`,
      );
      if (rows.length === 0) return 0;
      await sender.add(rows);
      await tx.query("update outbox set dispatched_at = now() where id = any($1)", [rows.map(({ id }) => id)]);
      return rows.length;
    });
  }
  return sent;
}

/** Forgets messages that left long ago; the rows they spoke of are the truth. */
export async function sweepOutbox(unitOfWork: UnitOfWork): Promise<void> {
  await unitOfWork.run(dispatcher, (tx) => tx.query(`delete from outbox where dispatched_at < now() - interval '${KEEP_SENT}'`));
}
