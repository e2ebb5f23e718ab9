import { Inject, Injectable } from "@nestjs/common";
import { JobId, type Manifest, type ManifestAnswer, type TrainerResult, type Violation } from "@ziggurat/contracts";
import { RELATION_OF_METHOD } from "@ziggurat/pyramid";
import { RUNNING_STATES } from "@ziggurat/scheduling";
import type { z } from "zod";
import { EvaluationsRepository } from "../../evaluations/evaluations.repository.js";
import { type Recomputed, recompute } from "../../evaluations/recompute.js";
import { Metering } from "../../metering/metering.service.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import { Refusal, refuseIfAny } from "../../platform/errors/refusal.js";
import { BLOB_STORE, type BlobStore } from "../../registry/blobs/blob-store.js";
import { BlobsRepository } from "../../registry/blobs/blobs.repository.js";
import { PYRAMID, type Pyramid } from "../../registry/pyramid.js";
import { type SealedVersion, SealVersion } from "../../registry/versions/seal-version.js";
import { EVALUATE, type JobRow } from "../job-row.js";
import { JobsRepository } from "../jobs.repository.js";
import { moveJob } from "../move-job.js";
import { checkManifest, itemsPath } from "./check-manifest.js";
import { stepsBetween } from "./intake.js";
import type { RunningAttempt } from "./run-access.js";
import { type InputDataset, RunInputsRepository } from "./run-inputs.repository.js";

type Answer = z.infer<typeof ManifestAnswer>;
interface Scored {
  readonly dataset: InputDataset;
  readonly itemsSha256: string;
  readonly result: Extract<Recomputed, { ok: true }>;
}

/**
 * Commits a run's result: the sealed version with its edges, or the scores, together with the job's state, its figures and the
 * audit entries, in one transaction. Asked again it answers the same and changes nothing.
 */
@Injectable()
export class Collect {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly jobs: JobsRepository,
    private readonly inputs: RunInputsRepository,
    private readonly grants: BlobsRepository,
    private readonly evaluations: EvaluationsRepository,
    private readonly sealVersion: SealVersion,
    private readonly metering: Metering,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  /** @throws Refusal `rule` when the manifest does not hold, `conflict` when the attempt is no longer the job's */
  async commit({ attempt, viewer }: RunningAttempt, manifest: Manifest): Promise<Answer> {
    const { job, datasets, answered } = await this.unitOfWork.run(viewer, async (tx) => {
      const found = await this.jobs.find(tx, attempt.job_id);
      if (found === null) throw new Error(`Attempt ${attempt.id} has no job.`);
      const done = await this.answerOf(tx, found, attempt.id);
      if (done === null) refuseIfAny([...checkManifest(found, manifest), ...(await this.missing(tx, manifest))]);
      return { job: found, datasets: await this.inputs.datasets(tx, found.id), answered: done };
    });
    if (answered !== null) return answered;
    const scored = job.kind === "evaluate" ? await this.score(manifest, datasets) : [];
    return this.unitOfWork.run(viewer, async (tx) => {
      const locked = await this.jobs.lock(tx, job.id);
      if (locked === null) throw new Error(`Job ${job.id} is gone.`);
      const done = await this.answerOf(tx, locked, attempt.id);
      if (done !== null) return done;
      const sealed = await this.keep(tx, locked, manifest.result, scored, datasets);
      await this.finish(tx, locked, attempt.id, manifest.result, sealed);
      return { version: sealed?.ref ?? null, rootDigest: sealed?.rootDigest ?? null };
    });
  }

  /** The answer given before to this attempt, or null when it may commit now. @throws Refusal `conflict` */
  private async answerOf(tx: Tx, job: JobRow, attemptId: string): Promise<Answer | null> {
    const [row] = await tx.query<{ state: string; root_digest: string | null }>(
      "select a.state, v.root_digest from attempts a left join versions v on v.id = $2 where a.id = $1",
      [attemptId, job.version_id],
    );
    if (row?.state === "succeeded") return { version: job.version, rootDigest: row.root_digest };
    if (!RUNNING_STATES.includes(job.state) || row?.state === "failed" || row?.state === "lost" || row?.state === "cancelled") {
      throw new Refusal("conflict", `The job is ${job.state} and takes no result.`);
    }
    return null;
  }

  private async missing(tx: Tx, { files }: Manifest): Promise<Violation[]> {
    const granted = await this.grants.granted(
      tx,
      files.map(({ sha256 }) => sha256),
    );
    return files.flatMap((file, index) =>
      granted.get(file.sha256) === file.sizeBytes
        ? []
        : [{ code: "blob_unknown", detail: `${file.path}: no such bytes were uploaded`, pointer: `/files/${index}/sha256` }],
    );
  }

  private async score({ files, result }: Manifest, datasets: readonly InputDataset[]): Promise<Scored[]> {
    const scored: Scored[] = [];
    const broken: Violation[] = [];
    for (const [index, dataset] of datasets.entries()) {
      const pointer = `/result/evaluations/${index}`;
      const claim = result.evaluations.find(({ ref }) => ref === dataset.ref);
      const file = claim === undefined ? undefined : files.find(({ path }) => path === itemsPath(claim.items));
      if (claim === undefined || file === undefined) {
        broken.push({ code: "evaluation_missing", detail: `${dataset.ref} was not scored`, pointer });
        continue;
      }
      const found = await recompute(this.store.read(file.sha256), dataset.format, dataset.rows);
      if (found.ok) scored.push({ dataset, itemsSha256: file.sha256, result: found });
      else broken.push({ ...found.violation, detail: `${dataset.ref}: ${found.violation.detail}`, pointer });
    }
    refuseIfAny(broken);
    return scored;
  }

  private async keep(
    tx: Tx,
    job: JobRow,
    result: TrainerResult,
    scored: readonly Scored[],
    datasets: readonly InputDataset[],
  ): Promise<SealedVersion | null> {
    if (job.kind !== "evaluate") return this.seal(tx, job, result, datasets);
    const { parent_version_id: versionId, parent_digest: rootDigest } = job;
    if (versionId === null || rootDigest === null) throw new Error(`Evaluation ${job.id} names no version.`);
    for (const { dataset, itemsSha256, result: found } of scored) {
      await this.evaluations.insert(tx, {
        institutionId: job.institution_id,
        versionId,
        datasetVersionId: dataset.id,
        jobId: job.id,
        format: dataset.format,
        rootDigest,
        rows: found.rows,
        ...found.score,
        itemsSha256,
      });
    }
    return null;
  }

  private seal(tx: Tx, job: JobRow, result: TrainerResult, datasets: readonly InputDataset[]): Promise<SealedVersion> {
    const relation = RELATION_OF_METHOD[job.method];
    const artifactKind = this.pyramid[job.tier].artifacts[job.method];
    if (artifactKind === undefined) throw new Error(`${job.method} yields nothing at tier ${job.tier}.`);
    const parents =
      relation === null || job.parent_version_id === null || job.parent_digest === null
        ? []
        : [{ versionId: job.parent_version_id, relation, digest: job.parent_digest }];
    return this.sealVersion.sealFromJob(tx, {
      jobId: job.id,
      modelId: job.model_id,
      method: job.method,
      artifactKind,
      files: result.files
        .filter(({ path }) => path.startsWith(ARTIFACT))
        .map((file) => ({ ...file, path: file.path.slice(ARTIFACT.length) })),
      parents,
      datasetVersionIds: datasets.map(({ id }) => id),
      parameters: result.parameters,
      createdBy: job.requested_by_name,
    });
  }

  private async finish(tx: Tx, job: JobRow, attemptId: string, result: TrainerResult, sealed: SealedVersion | null): Promise<void> {
    await tx.query("update attempts set state = 'succeeded', exit_code = 0, ended_at = now(), last_heard_at = now() where id = $1", [
      attemptId,
    ]);
    await tx.query("update jobs set version_id = $2, tokens = $3, train_seconds = $4, tokens_per_second = $5 where id = $1", [
      job.id,
      sealed?.id ?? null,
      result.tokens,
      result.seconds,
      result.tokensPerSecond,
    ]);
    await this.metering.charge(tx, attemptId);
    let { state } = job;
    if (state === "no_signal") {
      await moveJob(tx, job, "starting", { dueInSeconds: 0 });
      state = "starting";
    }
    for (const step of stepsBetween(state, "collecting")) {
      await moveJob(tx, { ...job, state }, step, { dueInSeconds: 0 });
      state = step;
    }
    const toScore = sealed === null ? [] : await this.inputs.datasets(tx, job.id, EVALUATE);
    await moveJob(tx, { ...job, state }, toScore.length > 0 ? "evaluating" : "succeeded", { dueInSeconds: 0 });
    await tx.enqueue("job.advance", { jobId: JobId.parse(job.id) });
    if (job.ordered_by_job_id !== null) await tx.enqueue("job.advance", { jobId: JobId.parse(job.ordered_by_job_id) });
  }
}

const ARTIFACT = "artifact/";
