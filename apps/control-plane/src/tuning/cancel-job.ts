import { JobId } from "@ziggurat/contracts";
import { isFinal } from "@ziggurat/scheduling";
import type { Tx } from "../platform/database/unit-of-work.js";
import type { JobRow } from "./job-row.js";
import type { JobsRepository } from "./jobs.repository.js";
import { moveJob } from "./move-job.js";

/**
 * Cancels a job whose row is locked, and the evaluations it ordered. It is cancelled at once; its run is told with its next word and
 * watched until it has ended.
 */
export async function cancelJob(tx: Tx, jobs: JobsRepository, row: JobRow, reason: string): Promise<void> {
  await tx.query("update jobs set wanted_command = 'cancel' where id = $1", [row.id]);
  await moveJob(tx, row, "cancelled", { reason, dueInSeconds: 0, action: "cancel" });
  await tx.enqueue("job.advance", { jobId: JobId.parse(row.id) });
  const children = await tx.query<{ id: string }>("select id from jobs where ordered_by_job_id = $1 order by id", [row.id]);
  for (const { id } of children) {
    const child = await jobs.lock(tx, id);
    if (child !== null && !isFinal(child.state)) await cancelJob(tx, jobs, child, reason);
  }
  if (row.ordered_by_job_id !== null) await tx.enqueue("job.advance", { jobId: JobId.parse(row.ordered_by_job_id) });
}
