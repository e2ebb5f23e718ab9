import type { JobAction, JobState } from "@ziggurat/contracts";
import { canMove, isFinal } from "@ziggurat/scheduling";
import type { Tx } from "../platform/database/unit-of-work.js";
import { JOBS_CHANNEL } from "./jobs-channel.js";

/** What a move needs to know; the caller holds the row's lock. */
export interface MovingJob {
  readonly id: string;
  readonly institution_id: string;
  readonly state: JobState;
}

export interface Moved {
  readonly reason?: string | null;
  /** Seconds until the row wants attention again; null: nothing is to be done. */
  readonly dueInSeconds: number | null;
  /** It keeps its place in the line: it was put back, and goes ahead of newer equals. */
  readonly keepsPlace?: boolean;
  /** What a person did, for the audit log; left out where the platform itself moved on. */
  readonly action?: JobAction;
}

/**
 * Moves a job whose row is locked: state, history, event for live readers and audit entry in one transaction.
 * @throws Error when the table of moves does not know the move, which is our mistake and nobody's request
 */
export async function moveJob(
  tx: Tx,
  job: MovingJob,
  to: JobState,
  { reason = null, dueInSeconds, keepsPlace = false, action }: Moved,
): Promise<void> {
  if (!canMove(job.state, to)) throw new Error(`Job ${job.id} cannot move from ${job.state} to ${to}.`);
  const moved = await tx.query<{ seq: string }>(
    `update jobs set state = $3, state_reason = $4, due_at = now() + make_interval(secs => $5), updated_at = now(),
       last_event_seq = last_event_seq + 1,
       queued_at = case when $3 <> 'queued' then queued_at when $7 then coalesce(queued_at, now()) else now() end,
       waiting_since = case when $3 = 'queued' then now() else waiting_since end,
       started_at = case when $3 in ('starting', 'running') then coalesce(started_at, now()) else started_at end,
       finished_at = case when $6 then now() end,
       waiting = case when $3 in ('queued', 'evaluating', 'paused') then waiting else '[]' end,
       position = case when $3 = 'queued' then position end,
       start_range = case when $3 = 'queued' then start_range end,
       not_before = null,
       wanted_command = case when $3 in ('queued', 'paused') then null else wanted_command end,
       yielding = case when $3 in ('starting', 'running', 'collecting', 'no_signal') then yielding end
     where id = $1 and state = $2 returning last_event_seq as seq`,
    [job.id, job.state, to, reason, dueInSeconds, isFinal(to), keepsPlace],
  );
  const seq = moved[0]?.seq;
  if (seq === undefined) throw new Error(`Job ${job.id} is no longer ${job.state}.`);
  await recordState(tx, job, to, reason, Number(seq));
  await tx.audit({
    institutionId: job.institution_id,
    action: `job.${action ?? "move"}`,
    object: job.id,
    ...(reason === null ? {} : { reason }),
    before: { state: job.state },
    after: { state: to },
  });
}

/** Writes a state into history and event stream; a new job's first state has no audit entry of its own. */
export async function recordState(
  tx: Tx,
  job: Pick<MovingJob, "id" | "institution_id">,
  state: JobState,
  reason: string | null,
  seq: number,
): Promise<void> {
  await tx.query(
    `insert into job_history (job_id, n, institution_id, state, reason)
     select $1, coalesce(max(n), 0) + 1, $2, $3, $4 from job_history where job_id = $1`,
    [job.id, job.institution_id, state, reason],
  );
  await tx.query(
    `insert into job_events (job_id, seq, institution_id, at, type, data)
     values ($1, $2, $3, now(), 'job', jsonb_build_object('state', $4::text, 'reason', $5::text))`,
    [job.id, seq, job.institution_id, state, reason],
  );
  await tx.query("select pg_notify($1, $2)", [JOBS_CHANNEL, job.id]);
}
