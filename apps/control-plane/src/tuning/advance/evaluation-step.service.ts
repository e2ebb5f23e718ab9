import { Injectable } from "@nestjs/common";
import { EvaluateHyperparameters, JobId, type JobState } from "@ziggurat/contracts";
import { isFinal, waitsForEvaluation } from "@ziggurat/scheduling";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer } from "../../platform/database/viewer.js";
import { Releases } from "../../registry/versions/releases.js";
import { EVALUATE, type JobRow } from "../job-row.js";
import { JobsRepository } from "../jobs.repository.js";
import { moveJob } from "../move-job.js";
import { estimateOf, type Rates, RecentRates } from "../requests/estimates.js";
import { RunInputsRepository } from "../runs/run-inputs.repository.js";

/** The step between a sealed version and a finished job: its scores, and its parent's where nobody has them yet. */
@Injectable()
export class EvaluationStep {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly jobs: JobsRepository,
    private readonly inputs: RunInputsRepository,
    private readonly releases: Releases,
    private readonly rates: RecentRates,
  ) {}

  /** Orders the evaluations once, then waits for all of them. A failed one leaves the version sealed and says so. */
  async take(job: JobRow): Promise<void> {
    const rates = await this.rates.of("evaluate");
    await this.unitOfWork.run(systemViewer(job.institution_id, job.owner, "scheduler"), async (tx) => {
      const locked = await this.jobs.lock(tx, job.id);
      if (locked === null || locked.state !== "evaluating") return;
      const children = await this.children(tx, job.id);
      if (children.length === 0) return this.order(tx, locked, rates);
      const open = children.filter(({ state }) => !isFinal(state)).length;
      if (open > 0) return this.wait(tx, job.id, open);
      const hasFailed = children.some(({ state }) => state !== "succeeded");
      await tx.query("update jobs set evaluation_failed = $2 where id = $1", [job.id, hasFailed]);
      await moveJob(tx, locked, "succeeded", {
        reason: hasFailed ? "an evaluation failed; the version stays sealed" : null,
        dueInSeconds: null,
      });
    });
  }

  private async order(tx: Tx, job: JobRow, rates: Rates): Promise<void> {
    if (job.version_id === null) throw new Error(`Job ${job.id} has nothing to evaluate.`);
    const datasets = await this.inputs.datasets(tx, job.id, EVALUATE);
    const ids = datasets.map(({ id }) => id);
    let ordered = await this.orderOne(tx, job, job.version_id, ids, rates);
    const unscored = await this.unscored(tx, job, ids);
    if (job.parent_version_id !== null && unscored.length > 0)
      ordered += await this.orderOne(tx, job, job.parent_version_id, unscored, rates);
    await this.wait(tx, job.id, ordered);
  }

  private async orderOne(tx: Tx, job: JobRow, versionId: string, datasetIds: readonly string[], rates: Rates): Promise<number> {
    const version = await this.releases.byId(tx, versionId);
    if (version === null) throw new Error(`Version ${versionId} is gone.`);
    const sequenceLength = job.hyperparameters.sequenceLength;
    const hyperparameters = EvaluateHyperparameters.parse(typeof sequenceLength === "number" ? { sequenceLength } : {});
    const sizes = await tx.query<{ characters: string; rows: number }>("select characters, rows from dataset_versions where id = any($1)", [
      datasetIds,
    ]);
    const id = await this.jobs.insert(tx, {
      institutionId: job.institution_id,
      modelId: job.model_id,
      kind: "evaluate",
      method: "evaluate",
      tier: job.tier,
      parentVersionId: versionId,
      parentDigest: version.rootDigest,
      hyperparameters,
      seed: job.seed,
      reason: `ordered by ${job.id}`,
      needsApproval: false,
      requestedBy: { id: job.requested_by, name: job.requested_by_name },
      orderedBy: job.id,
      estimate: estimateOf(
        {
          kind: "evaluate",
          method: "evaluate",
          hyperparameters,
          parentParameters: version.parameters,
          datasets: sizes.map((row) => ({ characters: Number(row.characters), rows: row.rows })),
        },
        rates,
      ),
      // Another job waits for it, so it goes first; it takes what one scorer needs.
      priority: "ordered",
      resources: { ...job.resources, nodes: 1, gpusPerNode: Math.min(1, job.resources.gpusPerNode) },
      ...{ window: null, maxSeconds: null, maxCost: null },
      waiting: [],
      datasets: datasetIds,
      evaluateOn: [],
    });
    await tx.audit({ institutionId: job.institution_id, action: "job.request", object: id, reason: `ordered by ${job.id}` });
    await tx.enqueue("job.advance", { jobId: JobId.parse(id) });
    return 1;
  }

  /** Datasets on which the parent's bytes have no score that the owner can see, and none on its way. */
  private async unscored(tx: Tx, job: JobRow, datasetIds: readonly string[]): Promise<string[]> {
    if (job.parent_version_id === null || job.kind === "merge") return [];
    const rows = await tx.query<{ id: string }>(
      `select wanted.id from unnest($1::text[]) with ordinality as wanted (id, n)
       where not exists (select 1 from evaluations e join versions v on v.id = e.version_id and v.root_digest = e.root_digest
           where e.version_id = $2 and e.dataset_version_id = wanted.id
             and (e.institution_id = $3 or e.institution_id = 'ins_00000000000000000000000000000000'))
         and not exists (select 1 from jobs j join job_datasets jd on jd.job_id = j.id
           where j.kind = 'evaluate' and j.parent_version_id = $2 and jd.dataset_version_id = wanted.id and j.institution_id = $3
             and j.state not in ('succeeded', 'failed', 'cancelled', 'awaiting_approval', 'paused'))
       order by wanted.n`,
      [datasetIds, job.parent_version_id, job.institution_id],
    );
    return rows.map(({ id }) => id);
  }

  private children(tx: Tx, id: string): Promise<{ state: JobState }[]> {
    return tx.query<{ state: JobState }>("select state from jobs where ordered_by_job_id = $1", [id]);
  }

  private async wait(tx: Tx, id: string, open: number): Promise<void> {
    await tx.query("update jobs set waiting = $2, due_at = now() + interval '30 seconds' where id = $1", [
      id,
      JSON.stringify([waitsForEvaluation(open)]),
    ]);
  }
}
