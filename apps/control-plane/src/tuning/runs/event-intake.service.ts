import { Injectable } from "@nestjs/common";
import { type EventAnswer, JobId, type TrainerEvent } from "@ziggurat/contracts";
import { RUNNING_STATES } from "@ziggurat/scheduling";
import { LIVE_ATTEMPT_STATES } from "../../clusters/clusters.repository.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import { Refusal } from "../../platform/errors/refusal.js";
import type { JobRow } from "../job-row.js";
import { JobsRepository } from "../jobs.repository.js";
import { JOBS_CHANNEL } from "../jobs-channel.js";
import { moveJob } from "../move-job.js";
import { WATCH_SECONDS } from "../watch-seconds.js";
import type { AttemptRow } from "./attempt-row.js";
import { continues, provenState, stepsBetween, storedEvents } from "./intake.js";
import type { RunningAttempt } from "./run-access.js";

/** Takes in what runners say: each event once, in order, and what follows from it in the same transaction. */
@Injectable()
export class EventIntake {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly jobs: JobsRepository,
  ) {}

  /** @throws Refusal `conflict` when the batch leaves a gap; an empty batch then answers where to go on */
  async take({ attempt: { id, job_id }, viewer }: RunningAttempt, events: readonly TrainerEvent[]): Promise<EventAnswer> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const job = await this.jobs.lock(tx, job_id);
      const [attempt] = await tx.query<Pick<AttemptRow, "number" | "state" | "last_seq">>(
        "select number, state, last_seq from attempts where id = $1 for update",
        [id],
      );
      if (job === null || attempt === undefined) throw new Error(`Attempt ${id} has no job.`);
      const last = Number(attempt.last_seq);
      if (!isWanted(job, attempt.state)) return { acknowledged: last, command: attempt.state === "succeeded" ? null : "cancel" };
      if (!continues(last, events)) {
        throw new Refusal("conflict", `The batch does not go on from event ${last}.`, [
          { code: "event_gap", detail: `go on at ${last + 1}` },
        ]);
      }
      const fresh = events.filter((event) => event.seq > last);
      await this.proveState(tx, job, fresh);
      await this.store(tx, job, attempt.number, fresh);
      await this.heard(tx, id, fresh);
      return { acknowledged: last + fresh.length, command: job.wanted_command };
    });
  }

  /** A word from the runner ends its silence, and moves the job on as far as the events prove. */
  private async proveState(tx: Tx, job: JobRow, events: readonly TrainerEvent[]): Promise<void> {
    let state = job.state;
    const move = async (to: JobRow["state"], reason: string | null): Promise<void> => {
      await moveJob(tx, { ...job, state }, to, { reason, dueInSeconds: WATCH_SECONDS });
      state = to;
    };
    if (state === "no_signal") await move(job.progress === null ? "starting" : "running", "the runner reports again");
    const proven = provenState(events);
    if (proven !== null) for (const step of stepsBetween(state, proven)) await move(step, null);
  }

  private async store(tx: Tx, job: JobRow, attemptNumber: number, events: readonly TrainerEvent[]): Promise<void> {
    if (events.length === 0) return;
    const lines = events.filter((event) => event.type === "log").length;
    const progress = events.findLast((event) => event.type === "progress");
    const shown =
      progress === undefined
        ? null
        : JSON.stringify({
            step: progress.step,
            steps: progress.steps,
            tokensPerSecond: progress.tokensPerSecond,
            etaSeconds: progress.etaSeconds,
          });
    const [counted] = await tx.query<{ seq: string; lines: number }>(
      `update jobs set last_event_seq = last_event_seq + $2, log_lines = log_lines + $3, progress = coalesce($4::jsonb, progress),
         updated_at = now() where id = $1 returning last_event_seq as seq, log_lines as lines`,
      [job.id, events.length, lines, shown],
    );
    if (counted === undefined) throw new Error(`Job ${job.id} is gone.`);
    const rows = storedEvents(events, Number(counted.seq) - events.length, counted.lines - lines);
    await tx.query(
      `insert into job_events (job_id, seq, institution_id, attempt_number, attempt_seq, at, type, data, log_line, metric_key, metric_step, metric_value)
       select $1, e.seq, $2, $3, e.attempt_seq, e.at, e.type, e.data, e.log_line, e.metric_key, e.metric_step, e.metric_value
       from jsonb_to_recordset($4::jsonb) as e (seq bigint, attempt_seq bigint, at timestamptz, type text, data jsonb, log_line int,
         metric_key text, metric_step bigint, metric_value float8)`,
      [job.id, job.institution_id, attemptNumber, JSON.stringify(rows)],
    );
    await tx.query("select pg_notify($1, $2)", [JOBS_CHANNEL, job.id]);
    if (events.some((event) => event.type === "failure")) await this.wake(tx, job.id);
  }

  private async heard(tx: Tx, attemptId: string, events: readonly TrainerEvent[]): Promise<void> {
    const failure = events.findLast((event) => event.type === "failure");
    const hasSaved = events.some((event) => event.type === "checkpoint");
    await tx.query(
      `update attempts set last_heard_at = now(), started_at = coalesce(started_at, now()), state = 'running', last_seq = last_seq + $2,
         failure_class = coalesce($3, failure_class), failure_detail = coalesce($4, failure_detail),
         checkpoint_at = case when $5 then now() else checkpoint_at end where id = $1`,
      [attemptId, events.length, failure?.class ?? null, failure?.detail.replaceAll("\0", "\uFFFD") ?? null, hasSaved],
    );
  }

  /** The run is about to end; looking soon frees its place sooner. */
  private async wake(tx: Tx, jobId: string): Promise<void> {
    await tx.query("update jobs set due_at = now() + interval '1 second' where id = $1", [jobId]);
    await tx.enqueue("job.advance", { jobId: JobId.parse(jobId) });
  }
}

/** Only the live attempt of a job that still runs is listened to. */
function isWanted(job: JobRow, attemptState: string): boolean {
  return RUNNING_STATES.includes(job.state) && LIVE_ATTEMPT_STATES.some((state) => state === attemptState);
}
