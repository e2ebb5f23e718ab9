import { access, mkdir } from "node:fs/promises";
import { availableParallelism, freemem, hostname, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import {
  type ClusterDriver,
  type ClusterHealth,
  type Collected,
  type LogPiece,
  type NodeFacts,
  type RunRef,
  type RunStatus,
  type Submission,
  statusOf,
} from "../cluster-driver.js";
import { isAlive, signalGroup } from "../node-files/process-identity.js";
import { readPiece } from "../node-files/read-piece.js";
import { RunFiles } from "../node-files/run-files.js";
import { runFolder, runnerArguments, secretsOf } from "../node-files/runner-arguments.js";
import { checkPython } from "./check-python.js";
import { startDetached } from "./start-detached.js";

export interface LocalClusterOptions {
  /** Holds `runs/`, `checkpoints/` and `node-cache/`. */
  readonly dataDir: string;
  /** Interpreter of the trainer's environment; the runner runs in it too. */
  readonly python: string;
  /** Folder of the runner: has a `__main__.py` and needs no installation. */
  readonly runner: string;
  /** Folders put on the training program's `PYTHONPATH`. */
  readonly trainerPath: readonly string[];
  /** File in which the set-up of the environment says how it stands; null when somebody else made the environment. */
  readonly setUpState: string | null;
  /** Modules without which no training can start here; `trainerPath` is searched first. */
  readonly modules: readonly string[];
  /** Seconds between the request to stop and the kill, above the runner's own grace. */
  readonly graceSeconds: number;
}

/**
 * Runs attempts as processes of this machine, each in a session of its own, so that nothing here is the parent whose death ends
 * training. A lock that the runner holds on its folder makes doubled submissions harmless: the second runner leaves at once.
 */
export class LocalDriver implements ClusterDriver {
  readonly keepsQueue = false;
  private known: ClusterHealth | null = null;

  constructor(private readonly options: LocalClusterOptions) {}

  async submit(submission: Submission): Promise<RunRef> {
    const folder = this.folder(submission.key);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const files = new RunFiles(folder);
    if ((await files.job()) === null && (await files.exit()) === null) await this.start(submission);
    return refTo(submission.key);
  }

  async find(key: string): Promise<readonly RunRef[]> {
    const files = new RunFiles(this.folder(key));
    return (await files.job()) === null && (await files.exit()) === null ? [] : [refTo(key)];
  }

  async status(ref: RunRef): Promise<RunStatus> {
    const files = new RunFiles(this.folder(ref.key));
    const job = await files.job();
    const isRunning = job !== null && (await isAlive(job.process));
    // Read after the process was looked at: a runner that ended in between has left its word by now.
    const exit = await files.exit();
    const common = { restarts: job?.restarts ?? 0, startedAt: job?.startedAt ?? null, nodes: [hostname()] };
    if (exit !== null) {
      const state = exit.code === 0 ? "succeeded" : exit.code === CANCELLED ? "cancelled" : "failed";
      return statusOf(state, { ...common, exitCode: exit.code, message: exit.detail ?? null, endedAt: exit.endedAt });
    }
    if (isRunning) return statusOf("running", common);
    return statusOf("lost", { ...common, message: "The process is gone and left no final word." });
  }

  logs(ref: RunRef, offset: number): Promise<LogPiece> {
    return readPiece(join(this.folder(ref.key), "runner.log"), offset);
  }

  async collect(ref: RunRef): Promise<Collected | null> {
    const exit = await new RunFiles(this.folder(ref.key)).exit();
    return exit === null ? null : { exitCode: exit.code, cpuSeconds: exit.cpuSeconds ?? null, maxMemoryBytes: exit.maxMemoryBytes ?? null };
  }

  async nodes(): Promise<readonly NodeFacts[]> {
    const cpus = availableParallelism();
    const cpusFree = Math.max(0, Math.round(cpus - (loadavg()[0] ?? 0)));
    const isFull = cpusFree === 0 || freemem() < totalmem() / 20;
    const memoryMb = Math.round(totalmem() / 1024 ** 2);
    return [{ name: hostname(), state: isFull ? "busy" : "free", reason: null, cpus, cpusFree, memoryMb, gpus: [] }];
  }

  async cancel(ref: RunRef): Promise<void> {
    const files = new RunFiles(this.folder(ref.key));
    if ((await files.exit()) !== null) return;
    const processes = [(await files.job())?.process ?? null, await files.trainer()];
    const asked = await files.cancelAskedAt(Date.now()).catch(() => Date.now());
    const isOverdue = Date.now() - asked > this.options.graceSeconds * 1000;
    const [runner, trainer] = processes;
    if (isOverdue) await Promise.all(processes.map((one) => signalGroup(one ?? null, "SIGKILL")));
    else if (!(await signalGroup(runner ?? null, "SIGTERM"))) await signalGroup(trainer ?? null, "SIGTERM");
  }

  async restart(submission: Submission, ref: RunRef): Promise<boolean> {
    const status = await this.status(ref);
    if (!status.reachable || status.state !== "lost") return false;
    await mkdir(this.folder(submission.key), { recursive: true, mode: 0o700 });
    await this.start(submission);
    return true;
  }

  async health(): Promise<ClusterHealth> {
    const runnerIsThere = await access(join(this.options.runner, "__main__.py")).then(
      () => true,
      () => false,
    );
    if (!runnerIsThere)
      return { healthy: false, step: "ready", reason: "The runner is missing.", remedy: "Restore the folder runner/ of the checkout." };
    // A good answer stays good: the import of torch takes seconds and is not repeated.
    if (this.known?.healthy === true && (await exists(this.options.python))) return this.known;
    this.known = await checkPython(this.options.python, this.options.modules, this.options.trainerPath, this.options.setUpState);
    return this.known;
  }

  private async start(submission: Submission): Promise<void> {
    const { dataDir: workDir, python, runner, trainerPath } = this.options;
    const folder = this.folder(submission.key);
    await startDetached({
      program: python,
      args: runnerArguments({ workDir, runner }, submission),
      folder,
      environment: {
        ...secretsOf(submission),
        ...(trainerPath.length > 0 ? { PYTHONPATH: trainerPath.join(":") } : {}),
      },
      holder: async () => (await new RunFiles(folder).job())?.process.pid ?? null,
    });
  }

  private folder(key: string): string {
    return runFolder(this.options.dataDir, key);
  }
}

/** Exit code by which the runner says that it stopped on request. */
const CANCELLED = 17;

function refTo(key: string): RunRef {
  return { key, id: key };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
