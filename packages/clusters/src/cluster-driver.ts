import { z } from "zod";

/** What a run takes of its cluster: the same on each of its nodes. */
export interface Resources {
  readonly nodes: number;
  readonly gpusPerNode: number;
  /** GPU type as the cluster names it; null takes any. */
  readonly gpuType: string | null;
  readonly cpusPerNode: number;
  /** MiB of main memory on each node; null leaves it to the engine's default. */
  readonly memoryMbPerNode: number | null;
  /** Seconds after which the engine may end it. */
  readonly limitSeconds: number;
}

/** What the engine is to do: run an attempt, or show that it can run anything. */
export type Work =
  /** `ZIGGURAT_JOB_URL` and `ZIGGURAT_JOB_TOKEN`, all that an engine is given of an attempt. */
  | { readonly kind: "run"; readonly url: string; readonly token: string }
  /** Prints `text`, waits so many seconds and ends with code 0. */
  | { readonly kind: "probe"; readonly text: string; readonly seconds: number };

/** What an engine is given: a deterministic name, what it takes, and what to do. */
export interface Submission {
  /** Name of the attempt, `[a-z0-9-]`, under 60 characters; a second submission of one key finds the first. */
  readonly key: string;
  /** Name shared by all attempts of a job: where checkpoints lie, so that the next attempt resumes. */
  readonly family: string;
  readonly resources: Resources;
  readonly work: Work;
}

/** The engine's own name of a run, as stored with the attempt. */
export const RunRef = z.strictObject({ key: z.string(), id: z.string() });
export type RunRef = z.infer<typeof RunRef>;

export const RUN_STATES = ["queued", "scheduling", "running", "succeeded", "failed", "cancelled", "lost"] as const;
export type RunState = (typeof RUN_STATES)[number];

/** Why a run waits at its engine, in our words; `raw` keeps the engine's. */
export const ENGINE_WAITS = [
  /** Enough GPUs or nodes of the kind are not free. */
  "capacity",
  /** Others are ahead of it in the engine's own order. */
  "priority",
  /** The engine's own quota of the account or queue is used up. */
  "quota",
  /** It can never start as it was asked for. */
  "impossible",
  /** Somebody holds it at the engine. */
  "held",
  /** The nodes that could take it are down or drained. */
  "nodes_down",
  /** Its queue or partition takes no work. */
  "closed",
  /** Its image cannot be pulled. */
  "image",
  /** Preempted or its node was lost: it may start again later. */
  "put_back",
  "unknown",
] as const;
export type EngineWait = (typeof ENGINE_WAITS)[number];

/** What the engine says of one run, once it answers. */
export interface KnownStatus {
  readonly reachable: true;
  readonly state: RunState;
  /** The engine's own word for it, for people who know the engine. */
  readonly engineState: string | null;
  readonly waits: { readonly code: EngineWait; readonly raw: string } | null;
  readonly exitCode: number | null;
  readonly message: string | null;
  /** Names of the nodes that it runs on or ran on. */
  readonly nodes: readonly string[];
  /** How often the engine started it again in place. */
  readonly restarts: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** When the engine thinks it will start: a guess that moves. */
  readonly estimatedStart: string | null;
}

/** `reachable: false` says nothing about the run and must not change its state. */
export type RunStatus = { readonly reachable: false; readonly message: string } | KnownStatus;

export type ClusterHealth =
  | {
      readonly healthy: true;
      readonly device: string;
      /** What will end the health if nobody acts, such as a token that runs out soon. */
      readonly note?: string;
    }
  | {
      readonly healthy: false;
      /** How far it came: whether anybody answers there, whether they take our credentials, whether they can run anything. */
      readonly step: "reach" | "authenticate" | "ready";
      readonly reason: string;
      readonly remedy: string;
    };

/** One node as its engine describes it. */
export interface NodeFacts {
  readonly name: string;
  /** `free` and `busy` take work, `drained` finishes what it has, `down` has nothing. */
  readonly state: "free" | "busy" | "drained" | "down";
  /** Why it is drained or down, in the engine's words. */
  readonly reason: string | null;
  readonly cpus: number;
  readonly cpusFree: number;
  readonly memoryMb: number | null;
  readonly gpus: readonly { readonly type: string; readonly count: number; readonly free: number }[];
}

/** A piece of a run's output at its engine. `next` is the offset to ask for next. */
export interface LogPiece {
  readonly bytes: Uint8Array;
  readonly next: number;
}

/** What an ended run used, as far as the engine measured it. */
export interface Collected {
  readonly exitCode: number | null;
  readonly cpuSeconds: number | null;
  readonly maxMemoryBytes: number | null;
}

/** Bytes of output that one call of {@link ClusterDriver.logs} answers at most. */
export const LOG_PIECE_BYTES = 256 * 1024;

/** The port. Every call may be repeated after a crash or an unclear answer. */
export interface ClusterDriver {
  /** Whether the engine keeps a waiting line of its own. Where it does not, only what fits may be submitted. */
  readonly keepsQueue: boolean;
  /**
   * Starts the run, or answers with the one that already has this key, whatever became of it.
   * @throws SubmitRefused when the engine understood and will never take it; any other error is unclear and may be tried again
   */
  submit(submission: Submission): Promise<RunRef>;
  /** The run with this key, oldest first; an empty list when the engine never heard of it. */
  find(key: string): Promise<readonly RunRef[]>;
  /** Never throws because an engine is away. May answer from a listing that is two seconds old. */
  status(ref: RunRef): Promise<RunStatus>;
  /** Output that the engine kept, from an offset in bytes on; at most {@link LOG_PIECE_BYTES}. Empty when there is none (yet). */
  logs(ref: RunRef, offset: number): Promise<LogPiece>;
  /** Asks for the end and returns once the engine accepted; only `status` says when it has ended. */
  cancel(ref: RunRef): Promise<void>;
  /** What an ended run used; null while it has not ended or when the engine has forgotten it. */
  collect(ref: RunRef): Promise<Collected | null>;
  /** Starts a lost run again under its key, where the engine can; false asks for a new attempt instead. */
  restart(submission: Submission, ref: RunRef): Promise<boolean>;
  /** Never throws: whoever cannot be reached is not healthy. */
  health(): Promise<ClusterHealth>;
  /** Nodes with what is free on them. @throws when the engine does not answer */
  nodes(): Promise<readonly NodeFacts[]>;
}

/** The engine understood the submission and refuses it for good: trying again changes nothing. */
export class SubmitRefused extends Error {
  override readonly name = "SubmitRefused";

  constructor(
    /** The engine's own words. */
    readonly raw: string,
    readonly remedy: string,
  ) {
    super(raw);
  }
}

/** A run of which nothing more is known than its state. */
export function statusOf(state: RunState, known: Partial<Omit<KnownStatus, "reachable" | "state">> = {}): KnownStatus {
  return {
    reachable: true,
    state,
    engineState: null,
    waits: null,
    exitCode: null,
    message: null,
    nodes: [],
    restarts: 0,
    startedAt: null,
    endedAt: null,
    estimatedStart: null,
    ...known,
  };
}
