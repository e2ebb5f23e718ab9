import type { Job, JobState } from "@ziggurat/contracts";

const FINISHED: readonly JobState[] = ["succeeded", "failed", "cancelled"];
const WAITING: readonly JobState[] = ["awaiting_approval", "queued", "scheduled", "paused"];
/** The way of a job that meets no trouble; the track shows what of it lies ahead. */
const WAY: readonly JobState[] = ["queued", "scheduled", "starting", "running", "collecting", "evaluating", "succeeded"];

export function isFinished(state: JobState): boolean {
  return FINISHED.includes(state);
}

export function isWaiting(state: JobState): boolean {
  return WAITING.includes(state);
}

export interface TrackStep {
  readonly state: JobState;
  readonly at: string | null;
  readonly reason: string | null;
  readonly isCurrent: boolean;
}

/** The states a job has been in, with their times, and those still ahead. */
export function trackOf(job: Pick<Job, "state" | "history" | "kind">): TrackStep[] {
  const last = job.history.length - 1;
  const past = job.history.map((entry, index): TrackStep => ({ ...entry, isCurrent: index === last }));
  if (isFinished(job.state)) return past;
  const reached = Math.max(-1, ...job.history.map((entry) => WAY.indexOf(entry.state)));
  const ahead = WAY.slice(reached + 1).filter((state) => state !== "evaluating" || job.kind !== "evaluate");
  return [...past, ...ahead.map((state): TrackStep => ({ state, at: null, reason: null, isCurrent: false }))];
}
