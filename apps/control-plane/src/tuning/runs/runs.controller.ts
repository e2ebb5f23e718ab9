import { Body, Controller, Get, Head, HttpCode, Inject, Param, Post, Put, Req, Res } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { AttemptId, EventAnswer, EventBatch, Manifest, ManifestAnswer, RunSpec, Sha256 } from "@ziggurat/contracts";
import { RUNNING_STATES } from "@ziggurat/scheduling";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { UnitOfWork } from "../../platform/database/unit-of-work.js";
import { hidden, Refusal } from "../../platform/errors/refusal.js";
import { Public } from "../../platform/http/access.js";
import { BLOB_STORE, type BlobStore } from "../../registry/blobs/blob-store.js";
import { answerStatus, answerUpload, bytesOf, partOf } from "../../registry/blobs/blobs.controller.js";
import { BlobsRepository } from "../../registry/blobs/blobs.repository.js";
import { Blobs } from "../../registry/blobs/blobs.service.js";
import { sendBlob } from "../../registry/blobs/send-blob.js";
import { JobsRepository } from "../jobs.repository.js";
import { Collect } from "./collect.service.js";
import { EventIntake } from "./event-intake.service.js";
import { RunAccess, type RunningAttempt } from "./run-access.js";
import { RunSpecs } from "./run-specs.service.js";

const RunPath = z.strictObject({ attemptId: AttemptId });
type RunPath = z.infer<typeof RunPath>;
const BlobPath = z.strictObject({ attemptId: AttemptId, sha256: Sha256 });
type BlobPath = z.infer<typeof BlobPath>;

/** The runner's calls. No user's token opens them, and an attempt's token opens nothing else. */
@ApiTags("runs")
@Public({ isLimited: false })
@Controller("api/v1/runs/:attemptId")
export class RunsController {
  constructor(
    private readonly access: RunAccess,
    private readonly unitOfWork: UnitOfWork,
    private readonly jobs: JobsRepository,
    private readonly specs: RunSpecs,
    private readonly intake: EventIntake,
    private readonly collect: Collect,
    private readonly blobs: Blobs,
    private readonly grants: BlobsRepository,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
  ) {}

  @Get("spec")
  @ApiResponse({ status: 200, standardSchema: RunSpec })
  async spec(@Param({ schema: RunPath }) path: RunPath, @Req() request: FastifyRequest): Promise<RunSpec> {
    return this.specOf(await this.access.of(request, path.attemptId));
  }

  @Post("events")
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: EventAnswer })
  async events(
    @Param({ schema: RunPath }) path: RunPath,
    @Req() request: FastifyRequest,
    @Body({ schema: EventBatch }) body: EventBatch,
  ): Promise<EventAnswer> {
    return this.intake.take(await this.access.of(request, path.attemptId), body.events);
  }

  @Post("manifest")
  @HttpCode(200)
  @ApiResponse({ status: 200, standardSchema: ManifestAnswer })
  async manifest(
    @Param({ schema: RunPath }) path: RunPath,
    @Req() request: FastifyRequest,
    @Body({ schema: Manifest }) body: Manifest,
  ): Promise<z.infer<typeof ManifestAnswer>> {
    return this.collect.commit(await this.access.of(request, path.attemptId), body);
  }

  // HEAD stands before GET: Fastify would otherwise answer HEAD by GET on its own.
  @Head("blobs/:sha256")
  async output(@Param({ schema: BlobPath }) path: BlobPath, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { viewer } = await this.access.of(request, path.attemptId);
    // Only what the institution itself brought counts: readable bytes of a shared release are not its own to seal.
    const granted = await this.unitOfWork.run(viewer, (tx) => this.grants.claim(tx, [path.sha256]));
    const size = granted.get(path.sha256);
    const offset = size ?? (await this.store.offsetOf(viewer.institutionId, path.sha256));
    await answerStatus(reply, { complete: size !== undefined, offset });
  }

  /** An input of this very run, whole or from an offset on. */
  @Get("blobs/:sha256")
  async input(@Param({ schema: BlobPath }) path: BlobPath, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const spec = await this.specOf(await this.access.of(request, path.attemptId));
    const input = spec.inputs.find(({ sha256 }) => sha256 === path.sha256);
    if (input === undefined) throw hidden();
    await sendBlob(this.store, { sha256: input.sha256, size: input.sizeBytes }, request, reply);
  }

  @Put("blobs/:sha256")
  async upload(@Param({ schema: BlobPath }) path: BlobPath, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const run = await this.access.of(request, path.attemptId);
    await this.refuseEnded(run);
    const status = await this.blobs.receive(run.viewer, path.sha256, partOf(request), bytesOf(request));
    await answerUpload(reply, path.sha256, status);
  }

  private specOf({ attempt, viewer }: RunningAttempt): Promise<RunSpec> {
    return this.unitOfWork.run(viewer, async (tx) => {
      const job = await this.jobs.find(tx, attempt.job_id);
      if (job === null || !RUNNING_STATES.includes(job.state)) throw ended();
      return this.specs.of(tx, job, attempt.key);
    });
  }

  private async refuseEnded({ attempt, viewer }: RunningAttempt): Promise<void> {
    const job = await this.unitOfWork.run(viewer, (tx) => this.jobs.find(tx, attempt.job_id));
    if (job === null || !RUNNING_STATES.includes(job.state)) throw ended();
  }
}

function ended(): Refusal {
  return new Refusal("conflict", "The job no longer runs.");
}
