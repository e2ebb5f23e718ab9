import { Injectable } from "@nestjs/common";
import type { QueuePayload } from "@ziggurat/contracts";
import { RUNNING_STATES } from "@ziggurat/scheduling";
import { LIVE_ATTEMPT_STATES } from "../../clusters/clusters.repository.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../../platform/database/ids.js";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer } from "../../platform/database/viewer.js";
import { QueueHandler } from "../../platform/queue/queue-handler.js";
import type { JobRow } from "../job-row.js";
import { JobsRepository } from "../jobs.repository.js";
import { type AttemptRow, SELECT_ATTEMPT } from "../runs/attempt-row.js";
import { Admission } from "./admission.service.js";
import { EvaluationStep } from "./evaluation-step.service.js";
import { RunWatch } from "./run-watch.service.js";

/**
 * The one step function of jobs: looks at the row and does what it allows next. It keeps nothing between calls, so a message
 * that comes twice, late or never only changes when the next look happens.
 */
@Injectable()
export class JobAdvance {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly jobs: JobsRepository,
    private readonly admission: Admission,
    private readonly watch: RunWatch,
    private readonly evaluation: EvaluationStep,
  ) {}

  @QueueHandler("job.advance")
  async advance({ jobId }: QueuePayload<"job.advance">): Promise<void> {
    const { job, attempt } = await this.read(jobId);
    if (job === null) return;
    // A run that ends sends a message of its own, and then a place is free; until then nothing has changed for those who wait.
    if (attempt !== null) return this.watch.look(attempt, !RUNNING_STATES.includes(job.state));
    if (job.state === "evaluating") await this.evaluation.take(job);
    else if (job.state !== "queued") await this.rest(job);
    await this.admission.run();
  }

  private async read(jobId: string): Promise<{ job: JobRow | null; attempt: AttemptRow | null }> {
    return this.unitOfWork.run(scheduler, async (tx) => {
      const [attempt] = await tx.query<AttemptRow>(
        `${SELECT_ATTEMPT} where a.job_id = $1 and a.state = any($2) order by a.number desc limit 1`,
        [jobId, LIVE_ATTEMPT_STATES],
      );
      return { job: await this.jobs.find(tx, jobId), attempt: attempt ?? null };
    });
  }

  /** Nothing more happens by itself, so nobody needs to look again. */
  private async rest(job: JobRow): Promise<void> {
    await this.unitOfWork.run(scheduler, (tx) =>
      tx.query("update jobs set due_at = null where id = $1 and state = $2", [job.id, job.state]),
    );
  }
}

const scheduler = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "scheduler");
