import { readFile } from "node:fs/promises";
import { posix } from "node:path";
import { type ClusterCredentials, FAILURES, type SlurmConnection } from "@ziggurat/contracts";
import {
  type ClusterDriver,
  type ClusterHealth,
  type Collected,
  type LogPiece,
  type NodeFacts,
  type RunRef,
  type RunStatus,
  type Submission,
  SubmitRefused,
  statusOf,
} from "../cluster-driver.js";
import { readPiece } from "../node-files/read-piece.js";
import { type ExitFile, RunFiles } from "../node-files/run-files.js";
import { secretsOf } from "../node-files/runner-arguments.js";
import { batchScript, JOB_FILE, logPath, mountedFolder, pathOf } from "./batch-script.js";
import { CliTransport } from "./cli/cli-transport.js";
import { totalOf } from "./gres.js";
import { JobListing } from "./job-listing.js";
import { isOver } from "./job-states.js";
import { statusOfJob } from "./job-status.js";
import { refusalOf } from "./refusals.js";
import { RestTransport } from "./rest/rest-transport.js";
import { nodesOf, slurmHealth } from "./slurm-health.js";
import { nodeFactsOf } from "./slurm-nodes.js";
import { type SlurmJob, type SlurmRequest, SlurmSaysNo, type SlurmTransport } from "./slurm-transport.js";

/**
 * Runs attempts as batch jobs of Slurm. A job's name is the attempt's key: before a job is submitted it is looked for, and two that were
 * submitted all the same never run together, since Slurm starts one of a name at a time.
 */
export class SlurmDriver implements ClusterDriver {
  readonly keepsQueue = true;
  private readonly listing: JobListing;
  private readonly submitting = new Map<string, Promise<RunRef>>();

  constructor(
    private readonly connection: SlurmConnection,
    private readonly credentials: ClusterCredentials | null,
    private readonly transport: SlurmTransport = transportOf(connection, credentials),
  ) {
    this.listing = new JobListing(() => transport.jobs());
  }

  submit(submission: Submission): Promise<RunRef> {
    const { key } = submission;
    const running = this.submitting.get(key);
    if (running !== undefined) return running;
    const started = this.submitOnce(submission).finally(() => this.submitting.delete(key));
    this.submitting.set(key, started);
    return started;
  }

  async find(key: string): Promise<readonly RunRef[]> {
    const known = ofKey(await this.listing.fresh(), key);
    if (known.length > 0) return known.map(refTo);
    const past = await this.pastId(key);
    return past === null ? [] : [{ key, id: past }];
  }

  async status(ref: RunRef): Promise<RunStatus> {
    try {
      const job = meant(ref, await this.listing.current()) ?? meant(ref, await this.listing.fresh());
      return job === null ? await this.forgotten(ref) : statusOfJob(job);
    } catch (error) {
      return { reachable: false, message: error instanceof Error ? error.message : String(error) };
    }
  }

  async logs(ref: RunRef, offset: number): Promise<LogPiece> {
    const { mountedAt } = this.connection;
    return mountedAt === null ? { bytes: new Uint8Array(), next: offset } : readPiece(logPath(mountedAt, ref.key), offset);
  }

  async cancel(ref: RunRef): Promise<void> {
    // A double of the same name starts as soon as the one before it has ended, so the last in line goes first.
    const live = ofKey(await this.listing.fresh(), ref.key).filter(({ states }) => !isOver(states));
    for (const job of live.toReversed()) await this.transport.cancel(job);
  }

  async collect(ref: RunRef): Promise<Collected | null> {
    const status = await this.status(ref);
    if (!status.reachable || !["succeeded", "failed", "cancelled"].includes(status.state)) return null;
    const exit = await this.exitFile(ref.key);
    if (exit !== null) return { exitCode: exit.code, cpuSeconds: exit.cpuSeconds ?? null, maxMemoryBytes: exit.maxMemoryBytes ?? null };
    const past = await this.transport.past(ref.key).catch(() => null);
    return { exitCode: status.exitCode, cpuSeconds: past?.cpuSeconds ?? null, maxMemoryBytes: past?.maxMemoryBytes ?? null };
  }

  /** Attempts are ours and have names of their own; Slurm's way to start a job again would mix the two. */
  async restart(): Promise<boolean> {
    return false;
  }

  health(): Promise<ClusterHealth> {
    return slurmHealth(this.transport, this.connection, this.credentials?.token ?? null);
  }

  async nodes(): Promise<readonly NodeFacts[]> {
    return nodesOf(await this.transport.nodes(), this.connection.partition).map(nodeFactsOf);
  }

  private async submitOnce(submission: Submission): Promise<RunRef> {
    const { key, resources } = submission;
    if (!(resources.limitSeconds > 0))
      throw new SubmitRefused("A time limit of zero.", "Give the run a time limit; Slurm would take none for endless.");
    // A comma would ask for more than one thing.
    if (resources.gpuType !== null && !/^[\w.-]+$/.test(resources.gpuType))
      throw new SubmitRefused(`A GPU type ${resources.gpuType}.`, "Name the type as the cluster's nodes show it.");
    const [found] = await this.find(key);
    if (found !== undefined) return found;
    const request = this.requestOf(submission);
    const id = await this.transport.submit(request).catch((error) => this.refused(error, submission));
    const ours = ofKey(await this.listing.fresh(), key);
    const [kept, ...doubles] = ours.filter(({ states }) => !isOver(states));
    // Whoever submitted at the same moment sees the same list and keeps the same job.
    for (const job of doubles) await this.transport.cancel(job);
    const job = kept ?? ours.find((one) => one.id === id);
    if (job === undefined) {
      // What cannot be found again would be submitted again and again.
      await this.transport.cancel({ id, name: key });
      throw new Error(`Slurm took ${key} as job ${id} and does not list it among those of ${this.connection.user}.`);
    }
    const difference = differenceOf(job, submission);
    if (difference !== null) {
      await this.transport.cancel(job);
      throw new SubmitRefused(difference, "A plug-in or default of the cluster changes what is asked; ask its operators.");
    }
    return refTo(job);
  }

  private async refused(error: unknown, { resources }: Submission): Promise<never> {
    if (!(error instanceof SlurmSaysNo)) throw error;
    const nodes = await this.transport.nodes().catch(() => null);
    throw refusalOf(error.message, resources, nodes && nodesOf(nodes, this.connection.partition)) ?? error;
  }

  private requestOf(submission: Submission): SlurmRequest {
    const { resources, key } = submission;
    const { workDir, partition, account, qos } = this.connection;
    return {
      name: key,
      script: batchScript(this.connection, submission),
      environment: { PATH: pathOf(this.connection), ...secretsOf(submission) },
      workDir,
      nodes: resources.nodes,
      cpusPerNode: resources.cpusPerNode,
      gres:
        resources.gpusPerNode === 0 ? null : ["gpu", resources.gpuType, resources.gpusPerNode].filter((part) => part !== null).join(":"),
      memoryMbPerNode: resources.memoryMbPerNode,
      limitMinutes: Math.ceil(resources.limitSeconds / 60),
      partition,
      account,
      qos,
    };
  }

  /** What became of a run that the controller does not know: the runner's final word, else accounting's, else nobody's. */
  private async forgotten(ref: RunRef): Promise<RunStatus> {
    const exit = await this.exitFile(ref.key);
    if (exit !== null) return statusOfExit(exit);
    const past = await this.transport.past(ref.key);
    // A controller that lost its state leaves jobs behind that accounting believes to run for ever.
    if (past !== null && isOver(past.job.states)) return statusOfJob(past.job);
    return statusOf("lost", { message: "Slurm does not know the job any more, and it left no final word." });
  }

  /** Number of a job that only the shared folder or accounting remembers. */
  private async pastId(key: string): Promise<string | null> {
    const { mountedAt } = this.connection;
    const noted = mountedAt === null ? null : await readFile(posix.join(mountedFolder(mountedAt, key), JOB_FILE), "utf8").catch(() => null);
    if (noted !== null && /^\d+$/.test(noted.trim())) return noted.trim();
    // Accounting may be away while the controller works; a run that is started anew finds its final word in its folder.
    return (await this.transport.past(key).catch(() => null))?.job.id ?? null;
  }

  private async exitFile(key: string): Promise<ExitFile | null> {
    const { mountedAt } = this.connection;
    return mountedAt === null ? null : new RunFiles(mountedFolder(mountedAt, key)).exit();
  }
}

/** slurmrestd where the connection has its address, else the commands. */
export function transportOf(connection: SlurmConnection, credentials: ClusterCredentials | null): SlurmTransport {
  const { url, user, configFile, commands } = connection;
  if (url === null) return new CliTransport({ user, configFile, commands, token: credentials?.token ?? null });
  // Without a token slurmrestd says itself that it wants one.
  return new RestTransport({ url, user, token: credentials?.token ?? "" });
}

/** Jobs of a key, live ones before ended ones, each oldest first: numbers begin anew after a loss of state, times do not. */
function ofKey(jobs: readonly SlurmJob[], key: string): SlurmJob[] {
  const age = (job: SlurmJob) => job.submittedAt ?? 0;
  return jobs
    .filter((job) => job.name === key && !isStub(job))
    .toSorted((a, b) => Number(isOver(a.states)) - Number(isOver(b.states)) || age(a) - age(b) || Number(a.id) - Number(b.id));
}

/** A submission that was refused leaves a failed job behind that never was one. */
const isStub = ({ states, reason, nodes }: SlurmJob): boolean =>
  states.includes("FAILED") && reason === "BadConstraints" && nodes.length === 0;

const meant = ({ key, id }: RunRef, jobs: readonly SlurmJob[]): SlurmJob | null =>
  jobs.find((job) => job.id === id && job.name === key) ?? null;

const refTo = ({ name, id }: SlurmJob): RunRef => ({ key: name, id });

/** Slurm takes some requests for other ones without a word; what it made of ours is compared while nothing has been lost. */
function differenceOf(job: SlurmJob, { resources }: Submission): string | null {
  const gpus = totalOf(job.gpusPerNode);
  const pairs = [
    ["nodes", job.nodeCount, resources.nodes],
    ["tasks", job.taskCount, resources.nodes],
    ["GPUs per node", gpus, resources.gpusPerNode],
  ] as const;
  const [wrong] = pairs.filter(([, got, asked]) => got !== null && got !== asked);
  return wrong === undefined ? null : `Slurm made ${wrong[1]} ${wrong[0]} of ${wrong[2]}.`;
}

/** A runner's own word when Slurm has none left: whoever was preempted or lost goes on as a new attempt. */
function statusOfExit(exit: ExitFile): RunStatus {
  const { cancelled, preempted, lost } = FAILURES;
  const isLost = exit.code === preempted.exitCode || exit.code === lost.exitCode;
  const state = exit.code === 0 ? "succeeded" : exit.code === cancelled.exitCode ? "cancelled" : isLost ? "lost" : "failed";
  return statusOf(state, { exitCode: isLost ? null : exit.code, message: exit.detail ?? null, endedAt: exit.endedAt });
}
