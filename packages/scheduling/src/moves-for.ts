import { JOB_ACTIONS, type JobAction, type JobState } from "@ziggurat/contracts";
import { isFinal } from "./job-states.js";

/** What must be known about a job and its viewer to say which actions are open. */
export interface MoveFacts {
  readonly state: JobState;
  /** The viewer may write jobs of the owner at all. */
  readonly isOwn: boolean;
  /** The viewer holds the role that approves for the owner. */
  readonly isApprover: boolean;
  readonly isRequester: boolean;
  /** A person must approve this kind of job before it may run. */
  readonly needsApproval: boolean;
  readonly isApproved: boolean;
  /** A sealed version came out of it, so another attempt would be a second result. */
  readonly hasVersion: boolean;
  /** An attempt still holds its place at the engine, for instance while a cancelled run is stopping. */
  readonly hasLiveAttempt: boolean;
}

export interface Move {
  readonly action: JobAction;
  readonly allowed: boolean;
  readonly reason: string | null;
}

/** Every action with its answer, so that a screen offers exactly what the API accepts and says why it does not. */
export function movesFor(facts: MoveFacts): Move[] {
  return JOB_ACTIONS.map((action) => {
    const reason = whyNot(action, facts);
    return { action, allowed: reason === null, reason };
  });
}

/** The reason why `action` is refused, or null when it is open. */
export function whyNot(action: JobAction, facts: MoveFacts): string | null {
  if (!facts.isOwn) return "Only members of the owning institution may do this.";
  switch (action) {
    case "approve":
      if (facts.state !== "awaiting_approval") return `A job that is ${words(facts.state)} needs no approval.`;
      if (!facts.isApprover) return "An admin of the owning institution approves.";
      return facts.isRequester ? "Who asked for a job does not approve it." : null;
    case "cancel":
      return isFinal(facts.state) ? `The job is ${words(facts.state)} already.` : null;
    case "pause":
      return PAUSABLE.includes(facts.state) ? null : `A job that is ${words(facts.state)} cannot be paused.`;
    case "resume":
      if (facts.state !== "paused") return `A job that is ${words(facts.state)} is not paused.`;
      return facts.hasLiveAttempt ? "The last attempt is still stopping." : null;
    case "retry":
      return whyNotRetry(facts);
  }
}

const PAUSABLE: readonly JobState[] = ["queued", "scheduled", "starting", "running"];

function whyNotRetry(facts: MoveFacts): string | null {
  if (facts.state !== "failed" && facts.state !== "cancelled") return `A job that is ${words(facts.state)} cannot be retried.`;
  if (facts.hasVersion) return "The job has its result; ask for a new job instead.";
  if (facts.needsApproval && !facts.isApproved) return "The job was never approved; ask for a new one.";
  return facts.hasLiveAttempt ? "The last attempt is still stopping." : null;
}

function words(state: JobState): string {
  return state.replaceAll("_", " ");
}
