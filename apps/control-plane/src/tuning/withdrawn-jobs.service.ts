import { Injectable } from "@nestjs/common";
import { FINAL_STATES, WAITING_STATES } from "@ziggurat/scheduling";
import type { Tx } from "../platform/database/unit-of-work.js";
import { cancelJob } from "./cancel-job.js";
import type { JobRow } from "./job-row.js";
import { JobsRepository } from "./jobs.repository.js";
import { recordState } from "./move-job.js";

/** What a recall does to jobs: those that wait are cancelled, those that run are marked, and their people decide. */
@Injectable()
export class WithdrawnJobs {
  constructor(private readonly jobs: JobsRepository) {}

  /**
   * The next jobs on versions that the recall holds, or on the data it withdraws. Jobs that were dealt with are not met again.
   * @returns how many were cancelled and marked; none of either when all is done
   */
  async withdraw(
    tx: Tx,
    recall: { readonly id: string; readonly datasetVersionId: string | null },
    reason: string,
    limit: number,
  ): Promise<{ readonly cancelled: number; readonly flagged: number }> {
    const found = await tx.query<{ id: string }>(
      `select j.id from jobs j where j.state <> all ($3) and (j.state = any($4) or j.flagged_by is null)
         and (j.parent_version_id in (select version_id from recall_items where recall_id = $1)
           or j.id in (select job_id from job_datasets where dataset_version_id = $2))
       order by j.id limit $5`,
      [recall.id, recall.datasetVersionId, FINAL_STATES, WAITING_STATES, limit],
    );
    let [cancelled, flagged] = [0, 0];
    for (const { id } of found) {
      const row = await this.jobs.lock(tx, id);
      if (row === null || FINAL_STATES.includes(row.state)) continue;
      if (WAITING_STATES.includes(row.state)) {
        await cancelJob(tx, this.jobs, row, reason);
        cancelled += 1;
      } else {
        await this.flag(tx, row, recall.id, reason);
        flagged += 1;
      }
    }
    return { cancelled, flagged };
  }

  /** Takes a lifted recall's mark off; where another recall still holds what the job works on, its mark takes the place. */
  async release(tx: Tx, recallId: string): Promise<void> {
    await tx.query(
      `update jobs j set flagged_by =
         (select min(t.recall_id) from recall_items t where t.version_id = j.parent_version_id and t.recall_id <> $1 and t.lifted_at is null)
       where flagged_by = $1`,
      [recallId],
    );
  }

  private async flag(tx: Tx, row: JobRow, recallId: string, reason: string): Promise<void> {
    const [moved] = await tx.query<{ seq: string }>(
      "update jobs set flagged_by = $2, last_event_seq = last_event_seq + 1, updated_at = now() where id = $1 returning last_event_seq as seq",
      [row.id, recallId],
    );
    if (moved === undefined) throw new Error(`Job ${row.id} is gone.`);
    await recordState(tx, row, row.state, reason, Number(moved.seq));
    await tx.audit({ institutionId: row.institution_id, action: "job.flag", object: row.id, reason });
  }
}
