import { Injectable } from "@nestjs/common";
import type { RunStatus } from "@ziggurat/clusters";
import { FailureClass, failureOfExitCode, JobId, type Yielding } from "@ziggurat/contracts";
import { classifyFailure, RUNNING_STATES, remedyOf, retryDelaySeconds } from "@ziggurat/scheduling";
import { LIVE_ATTEMPT_STATES } from "../../clusters/clusters.repository.js";
import { Metering } from "../../metering/metering.service.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer } from "../../platform/database/viewer.js";
import type { JobRow } from "../job-row.js";
import { JobsRepository } from "../jobs.repository.js";
import { moveJob } from "../move-job.js";
import type { AttemptRow } from "../runs/attempt-row.js";

/** What an engine's final word makes of an attempt and its job. */
@Injectable()
export class AttemptOutcome {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly jobs: JobsRepository,
    private readonly metering: Metering,
  ) {}

  /** Ends an attempt once, however often it is told, and decides what becomes of the job. */
  async end(attempt: AttemptRow, status: Pick<Extract<RunStatus, { reachable: true }>, "state" | "exitCode" | "message">): Promise<void> {
    await this.unitOfWork.run(systemViewer(attempt.institution_id, attempt.owner, "scheduler"), async (tx) => {
      const job = await this.jobs.lock(tx, attempt.job_id);
      const [now] = await tx.query<AttemptRow>("select * from attempts where id = $1 for update", [attempt.id]);
      if (job === null || now === undefined || !LIVE_ATTEMPT_STATES.some((state) => state === now.state)) return;
      const failure = job.yielding === null ? failureOf(now, status) : yieldedAs(job.yielding);
      const isRunning = RUNNING_STATES.includes(job.state);
      const state = !isRunning || job.wanted_command === "pause" ? "cancelled" : status.state === "lost" ? "lost" : "failed";
      await tx.query(
        "update attempts set state = $2, exit_code = $3, failure_class = $4, failure_detail = $5, ended_at = now() where id = $1",
        [attempt.id, state, status.exitCode, failure.class, failure.detail],
      );
      await this.metering.charge(tx, attempt.id);
      if (isRunning) await this.moveOn(tx, job, now, failure);
      else await tx.query("update jobs set due_at = null where id = $1", [job.id]);
      // Whoever waits for a place may have one now.
      await tx.enqueue("job.advance", { jobId: JobId.parse(job.id) });
    });
  }

  private async moveOn(tx: Tx, job: JobRow, attempt: AttemptRow, failure: { class: FailureClass; detail: string }): Promise<void> {
    if (job.yielding !== null && job.yielding.kind !== "guard") return this.putBack(tx, job, job.yielding, attempt.number);
    if (job.wanted_command === "pause" && job.yielding === null) {
      await moveJob(tx, job, "paused", { reason: job.state_reason, dueInSeconds: null });
      return;
    }
    const made = attempt.number - job.attempts_before;
    const answer = classifyFailure(failure.class, made);
    if (answer === "retry") {
      const reason = `attempt ${attempt.number} ended as ${failure.class}: ${failure.detail}`;
      await moveJob(tx, job, "queued", { reason, dueInSeconds: retryDelaySeconds(made) });
      await tx.query("update jobs set not_before = due_at where id = $1", [job.id]);
      return;
    }
    const reason = `${failure.class}: ${failure.detail}`;
    const hint = answer === "ask_operator" ? ` An operator is needed: ${remedyOf(failure.class)}` : "";
    await moveJob(tx, job, "failed", { reason: `${reason}${hint}`, dueInSeconds: null });
    if (job.ordered_by_job_id !== null) await tx.enqueue("job.advance", { jobId: JobId.parse(job.ordered_by_job_id) });
  }

  /** It made room for other work: back to its place in the line. The attempt counts neither as a retry nor, where only its window closed, as put back. */
  private async putBack(tx: Tx, job: JobRow, { kind, detail }: Yielding, attempt: number): Promise<void> {
    await moveJob(tx, job, "queued", { reason: detail, dueInSeconds: 0, keepsPlace: true });
    await tx.query("update jobs set preemptions = preemptions + $2, attempts_before = least($3, attempts_before + 1) where id = $1", [
      job.id,
      kind === "window" ? 0 : 1,
      attempt,
    ]);
  }
}

/** What ended a run that the platform itself stopped. */
function yieldedAs({ kind, detail }: Yielding): { class: FailureClass; detail: string } {
  return { class: kind === "guard" ? "guard" : "preempted", detail };
}

/** The runner's own word counts before the exit code: it knows what the training program said. */
function failureOf(
  attempt: Pick<AttemptRow, "failure_class" | "failure_detail">,
  status: Pick<Extract<RunStatus, { reachable: true }>, "state" | "exitCode" | "message">,
): { class: FailureClass; detail: string } {
  const said = FailureClass.safeParse(attempt.failure_class);
  if (said.success) return { class: said.data, detail: attempt.failure_detail ?? "" };
  const detail = status.message ?? "";
  if (status.state === "lost") return { class: "lost", detail };
  if (status.state === "cancelled") return { class: "cancelled", detail };
  if (status.exitCode === 0) return { class: "no_result", detail: "The run ended well, but its result never arrived." };
  return { class: failureOfExitCode(status.exitCode), detail };
}
