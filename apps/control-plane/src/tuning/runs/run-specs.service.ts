import { Inject, Injectable } from "@nestjs/common";
import { RunSpec } from "@ziggurat/contracts";
import { CONFIG, type Config } from "../../platform/config.js";
import type { Tx } from "../../platform/database/unit-of-work.js";
import { hidden } from "../../platform/errors/refusal.js";
import { Releases } from "../../registry/versions/releases.js";
import type { JobRow } from "../job-row.js";
import { RunInputsRepository } from "./run-inputs.repository.js";
import { runLimitOf } from "./run-limit.js";

type InputFile = RunSpec["inputs"][number];

const HEARTBEAT_SECONDS = 2;
/** Seconds a trainer gets to save a checkpoint when it is told to stop. */
const GRACE_SECONDS = 20;

/** What a runner is told about its attempt. */
@Injectable()
export class RunSpecs {
  constructor(
    private readonly inputs: RunInputsRepository,
    private readonly releases: Releases,
    @Inject(CONFIG) private readonly config: Pick<Config, "local">,
  ) {}

  async of(tx: Tx, job: JobRow, attemptKey: string): Promise<RunSpec> {
    const base = await this.base(tx, job);
    const datasets = await this.inputs.datasets(tx, job.id);
    const files = datasets.map(({ sha256, sizeBytes }, index) => ({ path: `data/${index}.jsonl`, sha256, sizeBytes }));
    return RunSpec.parse({
      schema: "ziggurat.run/1",
      trainer: {
        schema: "ziggurat.trainer/1",
        attempt: { key: attemptKey, restart: 0 },
        command: job.kind,
        method: job.method,
        base: base.spec,
        datasets: datasets.map(({ ref, format }, index) => ({ ref, format, path: `data/${index}.jsonl` })),
        hyperparameters: job.hyperparameters,
        seed: job.seed,
        threads: this.config.local.jobThreads,
        device: "auto",
        checkpointDir: "checkpoints",
        graceSeconds: GRACE_SECONDS,
      },
      inputs: [...base.files, ...files],
      command: ["{python}", "-m", "ziggurat_trainer", job.kind, "--spec", "{spec}", "--out", "{out}"],
      limits: { seconds: runLimitOf(job), heartbeatSeconds: HEARTBEAT_SECONDS },
    });
  }

  /** The base's folder, and the adapter's on top where the base is one. */
  private async base(tx: Tx, job: JobRow): Promise<{ spec: { path: string; adapterPath: string | null } | null; files: InputFile[] }> {
    if (job.parent_version_id === null) return { spec: null, files: [] };
    const parent = await this.releases.byId(tx, job.parent_version_id);
    if (parent === null) throw hidden();
    if (parent.artifactKind !== "adapter") {
      return { spec: { path: "base", adapterPath: null }, files: await this.under(tx, "base", parent.id) };
    }
    const whole = await this.releases.baseOf(tx, parent.id);
    if (whole === null) throw new Error(`Adapter ${parent.ref} names no base.`);
    return {
      spec: { path: "base", adapterPath: "adapter" },
      files: [...(await this.under(tx, "base", whole.id)), ...(await this.under(tx, "adapter", parent.id))],
    };
  }

  private async under(tx: Tx, folder: string, versionId: string): Promise<InputFile[]> {
    const files = await this.releases.files(tx, versionId);
    return files.map(({ path, sha256, sizeBytes }) => ({ path: `${folder}/${path}`, sha256, sizeBytes }));
  }
}
