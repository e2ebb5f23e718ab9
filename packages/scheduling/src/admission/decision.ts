import type { Placement, YieldKind } from "@ziggurat/contracts";
import type { Rejected } from "../placement/match-clusters.js";
import type { Obstacle } from "./pool-ledger.js";
import type { Waiting } from "./situation.js";

/** What keeps a job from starting, as data; `reasonsOf` says it to people. */
export type Block =
  /** Its platform tries it again later, its window is closed, or its institution holds what it may. */
  | { readonly kind: "backoff" | "window"; readonly until: number | null }
  | { readonly kind: "quota"; readonly held: number; readonly places: number; readonly units: number }
  /** No cluster may take it. */
  | { readonly kind: "nowhere"; readonly rejected: readonly Rejected[] }
  /** There is no room where it may run. */
  | { readonly kind: "room"; readonly obstacle: Obstacle; readonly cluster: string; readonly units: number; readonly nodes: number }
  /** Others were asked to make room for it. */
  | { readonly kind: "yielding"; readonly until: number; readonly cluster: string; readonly units: number };

export interface Start {
  readonly cluster: string;
  readonly pool: string;
  /** GPU type of that pool, so that the engine takes it from there. */
  readonly gpuType: string | null;
  /** It goes above its institution's limit, on places that nobody within theirs waits for. */
  readonly isBorrowed: boolean;
  readonly placement: Placement;
}

/** What becomes of one job. Exactly one of `start` and `block` is there. */
export interface Decision {
  readonly job: Waiting;
  /** From 1 among the jobs of its own institution that do not start now; 0 for one that starts. */
  readonly position: number;
  readonly start: Start | null;
  readonly block: Block | null;
  /** Its institution has had more than its share lately. */
  readonly isAboveShare: boolean;
  /** Seconds from now until it starts; null when an estimate is missing on the way. */
  readonly startsIn: { readonly low: number; readonly high: number } | null;
}

/** A run that is asked to save and stop. */
export interface Yield {
  readonly runId: string;
  readonly kind: Exclude<YieldKind, "guard">;
  /** The job that it makes room for. */
  readonly jobId: string | null;
}

export interface Pass {
  /** In the order in which jobs are served. */
  readonly decisions: readonly Decision[];
  readonly yields: readonly Yield[];
}
