import { z } from "zod";

/** What an engine is given: a deterministic name, and where the runner finds everything else. */
export interface Submission {
  /** Name of the attempt, `[a-z0-9-]`, under 60 characters; a second submission of one key finds the first. */
  readonly key: string;
  /** Name shared by all attempts of a job: where checkpoints lie, so that the next attempt resumes. */
  readonly family: string;
  /** `ZIGGURAT_JOB_URL` and `ZIGGURAT_JOB_TOKEN`. */
  readonly url: string;
  readonly token: string;
}

/** The engine's own name of a run, as stored with the attempt. */
export const RunRef = z.strictObject({ key: z.string(), id: z.string() });
export type RunRef = z.infer<typeof RunRef>;

export const RUN_STATES = ["queued", "scheduling", "running", "succeeded", "failed", "cancelled", "lost"] as const;
export type RunState = (typeof RUN_STATES)[number];

/** What the engine says. `reachable: false` says nothing about the run and must not change its state. */
export type RunStatus =
  | { readonly reachable: false; readonly message: string }
  | {
      readonly reachable: true;
      readonly state: RunState;
      readonly exitCode: number | null;
      readonly message: string | null;
      /** How often the engine started it again in place. */
      readonly restarts: number;
      readonly startedAt: string | null;
      readonly endedAt: string | null;
    };

export type ClusterHealth =
  | { readonly healthy: true; readonly device: string }
  | { readonly healthy: false; readonly reason: string; readonly remedy: string };

/** The port. Every call may be repeated after a crash or an unclear answer. */
export interface ClusterDriver {
  /** Starts the run, or answers with the one that already has this key, whatever became of it. */
  submit(submission: Submission): Promise<RunRef>;
  /** The run with this key, oldest first; an empty list when the engine never heard of it. */
  find(key: string): Promise<readonly RunRef[]>;
  /** Never throws because an engine is away. */
  status(ref: RunRef): Promise<RunStatus>;
  /** Asks for the end and returns once the engine accepted; only `status` says when it has ended. */
  cancel(ref: RunRef): Promise<void>;
  /** Starts a lost run again under its key, where the engine can; false asks for a new attempt instead. */
  restart(submission: Submission, ref: RunRef): Promise<boolean>;
  health(): Promise<ClusterHealth>;
}
