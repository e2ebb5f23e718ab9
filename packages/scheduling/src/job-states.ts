import { JOB_STATES, type JobState } from "@ziggurat/contracts";

/**
 * Every move a job may make. `failed` and `cancelled` are final for the machinery, and only a person's retry leaves them.
 * `queued` is also where a job returns to when its run was lost and a new attempt is made.
 */
export const JOB_MOVES: Readonly<Record<JobState, readonly JobState[]>> = {
  awaiting_approval: ["queued", "cancelled"],
  queued: ["scheduled", "paused", "failed", "cancelled"],
  scheduled: ["starting", "running", "queued", "paused", "no_signal", "failed", "cancelled"],
  starting: ["running", "collecting", "queued", "paused", "no_signal", "failed", "cancelled"],
  running: ["collecting", "queued", "paused", "no_signal", "failed", "cancelled"],
  no_signal: ["starting", "running", "collecting", "queued", "paused", "failed", "cancelled"],
  collecting: ["evaluating", "succeeded", "queued", "no_signal", "failed", "cancelled"],
  evaluating: ["succeeded", "cancelled"],
  paused: ["queued", "cancelled"],
  succeeded: [],
  failed: ["queued"],
  cancelled: ["queued"],
};

/** States a new job may have. */
export const INITIAL_STATES: readonly JobState[] = ["awaiting_approval", "queued"];

/** States in which nothing more happens by itself. */
export const FINAL_STATES: readonly JobState[] = ["succeeded", "failed", "cancelled"];

/** States in which an attempt is at an engine and its runner is expected to report. */
export const RUNNING_STATES: readonly JobState[] = ["scheduled", "starting", "running", "collecting", "no_signal"];

/** States in which no engine has the job yet: it can end without anybody's work being lost. */
export const WAITING_STATES: readonly JobState[] = ["awaiting_approval", "queued", "paused"];

export function canMove(from: JobState, to: JobState): boolean {
  return JOB_MOVES[from].includes(to);
}

export function isFinal(state: JobState): boolean {
  return FINAL_STATES.includes(state);
}

/** What is wrong with a table of moves: states nobody reaches, and states that are stuck without being final. */
export function faultsOf(
  moves: Readonly<Record<string, readonly string[]>>,
  initial: readonly string[],
  final: readonly string[],
): string[] {
  const reached = reachableFrom(moves, initial);
  const unreachable = JOB_STATES.filter((state) => !reached.has(state)).map((state) => `${state} is unreachable`);
  const stuck = JOB_STATES.filter((state) => !final.some((end) => end === state || reachableFrom(moves, [state]).has(end)));
  return [...unreachable, ...stuck.map((state) => `${state} is a dead end`)];
}

function reachableFrom(moves: Readonly<Record<string, readonly string[]>>, start: readonly string[]): ReadonlySet<string> {
  const reached = new Set(start);
  const open = [...start];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (const next of moves[state] ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      open.push(next);
    }
  }
  return reached;
}
