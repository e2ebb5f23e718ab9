import type { GresCount } from "./gres.js";

/** A job as Slurm describes it, whichever way it was asked. Times are seconds since the epoch. */
export interface SlurmJob {
  /** Number of the job. A controller that lost its state counts from 1 again, so only name and number together mean a job. */
  readonly id: string;
  readonly name: string;
  /** Its base state and flags, such as `RUNNING` and `COMPLETING`. Older ways of asking show one of them only. */
  readonly states: readonly string[];
  /** Why it waits or failed, in Slurm's words; null when Slurm says `None`. */
  readonly reason: string | null;
  readonly submittedAt: number | null;
  /** When it started, or is expected to. */
  readonly startsAt: number | null;
  readonly endsAt: number | null;
  /** Exit code of its batch script, or the signal that ended it; null where what was asked does not know. */
  readonly exit: { readonly code: number; readonly signal: number } | null;
  readonly restarts: number;
  /** Names of its nodes, expanded. */
  readonly nodes: readonly string[];
  readonly nodeCount: number | null;
  readonly taskCount: number | null;
  /** GPUs asked for on each node. */
  readonly gpusPerNode: readonly GresCount[];
}

/** A node as Slurm describes it. */
export interface SlurmNode {
  readonly name: string;
  readonly states: readonly string[];
  readonly reason: string | null;
  readonly partitions: readonly string[];
  readonly cpus: number;
  readonly cpusUsed: number;
  readonly memoryMb: number | null;
  readonly gpus: readonly GresCount[];
  readonly gpusUsed: readonly GresCount[];
}

export interface SlurmPartition {
  readonly name: string;
  readonly isUp: boolean;
  readonly isDefault: boolean;
}

/** What a job is submitted with. */
export interface SlurmRequest {
  readonly name: string;
  readonly script: string;
  /** All that the job's environment has; nothing of ours goes along. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workDir: string;
  readonly nodes: number;
  readonly cpusPerNode: number;
  /** Generic resources of each node, such as `gpu:a100:2`; null asks for none. */
  readonly gres: string | null;
  readonly memoryMbPerNode: number | null;
  readonly limitMinutes: number;
  readonly partition: string | null;
  readonly account: string | null;
  readonly qos: string | null;
}

/** What accounting remembers of a job that the controller forgot. */
export interface PastJob {
  readonly job: SlurmJob;
  readonly cpuSeconds: number | null;
  readonly maxMemoryBytes: number | null;
}

/** A way to ask Slurm. Every call throws one of the errors below when it cannot answer. */
export interface SlurmTransport {
  /** How the other end calls itself, such as `Slurm 22.05.8`. Reaching it is proven by this. */
  version(): Promise<string>;
  /** Jobs of our user that the controller knows. */
  jobs(): Promise<readonly SlurmJob[]>;
  nodes(): Promise<readonly SlurmNode[]>;
  partitions(): Promise<readonly SlurmPartition[]>;
  /** Number of the new job. */
  submit(request: SlurmRequest): Promise<string>;
  cancel(job: Pick<SlurmJob, "id" | "name">): Promise<void>;
  /** The newest job of this name in accounting; null where there is no accounting or it knows none. */
  past(name: string): Promise<PastJob | null>;
}

/** Nobody answers, or not in time: nothing is known. */
export class SlurmAway extends Error {
  override readonly name = "SlurmAway";
}

/** Somebody answers and does not take our credentials. Nothing is known of any job either. */
export class SlurmDenied extends Error {
  override readonly name = "SlurmDenied";
}

/** Slurm understood and says no, in its own words. */
export class SlurmSaysNo extends Error {
  override readonly name = "SlurmSaysNo";
}

/** A job that ended meanwhile needs no end. @throws every other error */
export function endedAlready(error: unknown): void {
  if (!(error instanceof SlurmSaysNo && /Invalid job id|already completing or completed|already finished/.test(error.message))) throw error;
}
