import { Injectable } from "@nestjs/common";
import { Estimate, type Job, type JobAction, JobId } from "@ziggurat/contracts";
import { RUNNING_STATES, waitsWhilePaused, whyNot } from "@ziggurat/scheduling";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal } from "../platform/errors/refusal.js";
import { QuotaGuard } from "../quotas/quota-guard.service.js";
import { cancelJob } from "./cancel-job.js";
import type { JobRow } from "./job-row.js";
import { JobViews } from "./job-views.js";
import { JobsRepository } from "./jobs.repository.js";
import { moveJob } from "./move-job.js";
import { storesResult } from "./stores-result.js";

/** What people do to jobs: approve, cancel, pause, resume, retry. */
@Injectable()
export class JobActions {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly jobs: JobsRepository,
    private readonly views: JobViews,
    private readonly quota: QuotaGuard,
  ) {}

  /**
   * @throws Refusal `hidden`, `denied` when this viewer never may, `conflict` when the present state does not allow it, `limited` when a retry
   * would break the quota
   */
  async act(viewer: Viewer, id: string, action: JobAction, reason: string): Promise<Job> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const row = await this.jobs.lock(tx, id);
      if (row === null) throw hidden();
      const facts = await this.views.factsOf(tx, row);
      const why = whyNot(action, facts);
      if (why !== null) {
        const isAboutViewer = (!facts.isOwn && !facts.isApprover) || (action === "approve" && row.state === "awaiting_approval");
        throw new Refusal(isAboutViewer ? "denied" : "conflict", why, [
          { code: `cannot_${action}`, detail: why },
          ...(action === "approve" && isAboutViewer ? facts.ownWork : []),
        ]);
      }
      await this.carryOut(tx, row, action, reason);
      const after = await this.jobs.find(tx, id);
      const [job] = after === null ? [] : await this.views.of(tx, [after]);
      if (job === undefined) throw hidden();
      return job;
    });
  }

  private async carryOut(tx: Tx, row: JobRow, action: JobAction, reason: string): Promise<void> {
    switch (action) {
      case "approve":
        await tx.query("insert into job_approvals (job_id, user_id, institution_id, name) values ($1, $2, $3, $4)", [
          row.id,
          tx.viewer.userId,
          row.institution_id,
          tx.viewer.name,
        ]);
        await tx.query("update jobs set waiting = '[]' where id = $1", [row.id]);
        return this.move(tx, row, action, "queued", reason || `approved by ${tx.viewer.name}`);
      case "cancel":
        return cancelJob(tx, this.jobs, row, reason || `cancelled by ${tx.viewer.name}`);
      case "pause":
        return this.pause(tx, row, reason || `paused by ${tx.viewer.name}`);
      case "resume":
        await tx.query("update jobs set waiting = '[]', attempts_before = $2 where id = $1", [row.id, await this.attempts(tx, row)]);
        return this.move(tx, row, action, "queued", reason || `resumed by ${tx.viewer.name}`);
      case "retry":
        await this.quota.admitJob(tx, row.institution_id, {
          estimate: Estimate.safeParse(row.estimate).data ?? null,
          places: row.places,
          storesResult: storesResult(row.kind),
        });
        await tx.query("update jobs set attempts_before = $2, progress = null where id = $1", [row.id, await this.attempts(tx, row)]);
        return this.move(tx, row, action, "queued", reason || `retried by ${tx.viewer.name}`);
    }
  }

  /** A queued job pauses at once. A running one is asked to save and stop, and is paused when it has. */
  private async pause(tx: Tx, row: JobRow, reason: string): Promise<void> {
    await tx.query("update jobs set waiting = $2 where id = $1", [row.id, JSON.stringify([waitsWhilePaused(tx.viewer.name)])]);
    if (!RUNNING_STATES.includes(row.state)) return this.move(tx, row, "pause", "paused", reason);
    await tx.query("update jobs set wanted_command = 'pause', yielding = null, state_reason = $2, due_at = now() where id = $1", [
      row.id,
      reason,
    ]);
    await tx.audit({ institutionId: row.institution_id, action: "job.pause", object: row.id, reason });
    await tx.enqueue("job.advance", { jobId: JobId.parse(row.id) });
  }

  private async move(tx: Tx, row: JobRow, action: JobAction, to: "queued" | "paused", reason: string): Promise<void> {
    await moveJob(tx, row, to, { reason, dueInSeconds: 0, action });
    await tx.enqueue("job.advance", { jobId: JobId.parse(row.id) });
  }

  private async attempts(tx: Tx, row: JobRow): Promise<number> {
    const [last] = await tx.query<{ number: number }>("select coalesce(max(number), 0)::int as number from attempts where job_id = $1", [
      row.id,
    ]);
    return last?.number ?? 0;
  }
}
