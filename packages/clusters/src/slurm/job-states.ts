import type { RunState } from "../cluster-driver.js";

/** Every base state of `enum job_states`; a job has exactly one. */
const BASE_STATES = {
  PENDING: "queued",
  RUNNING: "running",
  // Its processes are stopped and another job has the resources.
  SUSPENDED: "queued",
  COMPLETED: "succeeded",
  CANCELLED: "cancelled",
  FAILED: "failed",
  TIMEOUT: "failed",
  NODE_FAIL: "lost",
  // Final only where Slurm does not put jobs back: what gave way goes on as a new attempt.
  PREEMPTED: "lost",
  BOOT_FAIL: "lost",
  DEADLINE: "failed",
  OUT_OF_MEMORY: "failed",
} as const satisfies Record<string, RunState>;

/** Every flag beside it; null says nothing about the run's state. Of several, the first in this order counts. */
const FLAGS = {
  // Processes or epilog are still at it, whatever comes after: a job that is being put back looks the same as one that ends.
  COMPLETING: "running",
  REVOKED: "lost",
  SPECIAL_EXIT: "failed",
  CONFIGURING: "scheduling",
  POWER_UP_NODE: "scheduling",
  REQUEUED: "queued",
  REQUEUE_HOLD: "queued",
  REQUEUE_FED: "queued",
  RESV_DEL_HOLD: "queued",
  EXPEDITING: "queued",
  STOPPED: "queued",
  LAUNCH_FAILED: null,
  GETENV_FAILED: null,
  RECONFIG_FAIL: null,
  RESIZING: null,
  SIGNALING: null,
  STAGE_OUT: null,
  UPDATE_DB: null,
} as const satisfies Record<string, RunState | null>;

export const BASE_STATE_NAMES = Object.keys(BASE_STATES) as (keyof typeof BASE_STATES)[];
export const FLAG_NAMES = Object.keys(FLAGS) as (keyof typeof FLAGS)[];

/** State of a run from its job's states; null when Slurm uses a word that is not known here, from which nothing may follow. */
export function runStateOf(states: readonly string[]): RunState | null {
  for (const name of FLAG_NAMES) {
    const state = FLAGS[name];
    if (state !== null && states.includes(name)) return state;
  }
  const base = BASE_STATE_NAMES.find((name) => states.includes(name));
  if (base !== undefined) return BASE_STATES[base];
  // A flag alone says that the job is there and nothing of how it is.
  return states.length > 0 && states.every((name) => FLAG_NAMES.some((flag) => flag === name)) ? "running" : null;
}

export const isOver = (states: readonly string[]): boolean =>
  ["succeeded", "failed", "cancelled", "lost"].includes(runStateOf(states) ?? "");
