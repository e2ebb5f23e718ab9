import { JOB_ACTIONS, type JobAction, type JobState, type Violation } from "@ziggurat/contracts";
import { isFinal } from "./job-states.js";

/** What must be known about a job and its viewer to say which actions are open. */
export interface MoveFacts {
  readonly state: JobState;
  /** The viewer may write jobs of the owner at all. */
  readonly isOwn: boolean;
  /** The viewer holds the right to approve for the owner. */
  readonly isApprover: boolean;
  /** Why the viewer may not approve what they had a hand in, as separation of duties has it. */
  readonly ownWork: readonly Pick<Violation, "code" | "detail">[];
  /** A person must approve this kind of job before it may run. */
  readonly needsApproval: boolean;
  readonly isApproved: boolean;
  /** A sealed version came out of it, so another attempt would be a second result. */
  readonly hasVersion: boolean;
  /** The last attempt was stopped by a guard of the job, which the next one would break at once. */
  readonly brokeGuard: boolean;
  /** An attempt still holds its place at the engine, for instance while a cancelled run is stopping. */
  readonly hasLiveAttempt: boolean;
}

export interface Move {
  readonly action: JobAction;
  readonly allowed: boolean;
  readonly reason: string | null;
  readonly codes: string[];
}

/** Every action with its answer, so that a screen offers exactly what the API accepts and says why it does not. */
export function movesFor(facts: MoveFacts): Move[] {
  return JOB_ACTIONS.map((action) => {
    const reason = whyNot(action, facts);
    return { action, allowed: reason === null, reason, codes: reason === null ? [] : codesOf(action, facts) };
  });
}

/** The reason why `action` is refused, or null when it is open. */
export function whyNot(action: JobAction, facts: MoveFacts): string | null {
  // Whoever approves need not be able to do the work as well.
  if (!facts.isOwn && !(action === "approve" && facts.isApprover)) return "Only members of the owning institution may do this.";
  switch (action) {
    case "approve":
      if (facts.state !== "awaiting_approval") return `A job that is ${words(facts.state)} needs no approval.`;
      if (!facts.isApprover) return "An admin of the owning institution approves.";
      return facts.ownWork.length > 0 ? facts.ownWork.map(({ detail }) => detail).join("; ") : null;
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

/** What stands behind a refused approval, besides its words. */
export function codesOf(action: JobAction, { state, isApprover, ownWork }: MoveFacts): string[] {
  return action === "approve" && state === "awaiting_approval" && isApprover ? ownWork.map(({ code }) => code) : [];
}

const PAUSABLE: readonly JobState[] = ["queued", "scheduled", "starting", "running"];

function whyNotRetry(facts: MoveFacts): string | null {
  if (facts.state !== "failed" && facts.state !== "cancelled") return `A job that is ${words(facts.state)} cannot be retried.`;
  if (facts.hasVersion) return "The job has its result; ask for a new job instead.";
  if (facts.needsApproval && !facts.isApproved) return "The job was never approved; ask for a new one.";
  if (facts.brokeGuard) return "The job broke a guard of its own; ask for a new one with a higher guard.";
  return facts.hasLiveAttempt ? "The last attempt is still stopping." : null;
}

function words(state: JobState): string {
  return state.replaceAll("_", " ");
}
