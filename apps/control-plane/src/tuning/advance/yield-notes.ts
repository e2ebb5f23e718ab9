import { JobId, type YieldKind } from "@ziggurat/contracts";
import type { Tx } from "../../platform/database/unit-of-work.js";
import type { JobRow } from "../job-row.js";
import { recordState } from "../move-job.js";

/** Why the platform asks a run to save and stop. Says nothing of whom it makes room for. */
export const YIELD_WORDS: Readonly<Record<Exclude<YieldKind, "guard">, string>> = {
  class: "asked to save and stop: work of a higher class goes first",
  give_back: "asked to save and stop: a borrowed place is given back",
  floor: "asked to save and stop: the place is kept for the daily work of another tier",
  reservation: "asked to save and stop: the place is reserved",
  window: "asked to save and stop: its window has closed",
};

/**
 * Asks the run of a job whose row is locked to save and stop, in the words of a pause. What becomes of the job is decided when the run has
 * ended.
 */
export async function askToYield(
  tx: Tx,
  job: Pick<JobRow, "id" | "institution_id" | "state">,
  kind: YieldKind,
  detail: string,
): Promise<void> {
  const [moved] = await tx.query<{ seq: string }>(
    `update jobs set wanted_command = 'pause', yielding = jsonb_build_object('kind', $2::text, 'detail', $3::text, 'since', $4::text),
       due_at = now(), last_event_seq = last_event_seq + 1, updated_at = now()
     where id = $1 and wanted_command is null returning last_event_seq as seq`,
    [job.id, kind, detail, new Date().toISOString()],
  );
  if (moved === undefined) return;
  await recordState(tx, job, job.state, detail, Number(moved.seq));
  await tx.audit({ institutionId: job.institution_id, action: "job.preempt", object: job.id, reason: detail });
  await tx.enqueue("job.advance", { jobId: JobId.parse(job.id) });
}
