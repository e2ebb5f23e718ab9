import type { VersionState, Violation } from "@ziggurat/contracts";
import type { ViewerFacts } from "./facts.js";
import { whyNot } from "./permissions.js";
import type { TierPolicy } from "./tier-policy.js";
import { LIVE_STATES } from "./version-states.js";

/** States out of which a recall takes a version. A draft stands for nothing yet, and what is retired is out of use already. */
export const RECALLABLE_STATES: readonly VersionState[] = [...LIVE_STATES, "quarantined"];

/** States of the versions that a recall covers: those it takes, and those that another cause took before. */
export const COVERED_STATES: readonly VersionState[] = [...RECALLABLE_STATES, "recalled"];

/** What somebody wants to withdraw. */
export interface RecallClaim {
  /** Slug of the institution that owns the version or the dataset. */
  readonly owner: string;
  /** Null for a dataset version, which is there or not. */
  readonly state: VersionState | null;
  /** Whether another recall of the same thing is under way or in force. */
  readonly isRecalled: boolean;
  readonly acknowledgeBy: Date;
  readonly now: Date;
}

/** Longest time that institutions may be given to confirm. */
export const LONGEST_DEADLINE_DAYS = 90;

/**
 * Why this viewer cannot recall this. Code `role`: not this viewer; `subject_state`, `already_recalled`: not in this state;
 * `deadline`: the time given to institutions is none, or too long to mean anything.
 */
export function checkRecall(policy: TierPolicy, viewer: ViewerFacts, claim: RecallClaim): Violation[] {
  const denied = whyNot(policy, viewer, claim.owner, "withdraw");
  const broken: Violation[] = denied === null ? [] : [{ code: "role", detail: denied }];
  if (claim.state === "draft" || claim.state === "retired") {
    broken.push({
      code: "subject_state",
      detail: `a ${claim.state} version stands for nothing that could be recalled`,
      pointer: "/version",
    });
  }
  if (claim.isRecalled) {
    broken.push({ code: "already_recalled", detail: "a recall of it is in force; lift that one first", pointer: "/version" });
  }
  const days = (claim.acknowledgeBy.getTime() - claim.now.getTime()) / 86_400_000;
  if (days <= 0 || days > LONGEST_DEADLINE_DAYS) {
    const detail = `the deadline lies in the future, at most ${LONGEST_DEADLINE_DAYS} days away`;
    broken.push({ code: "deadline", detail, pointer: "/acknowledgeBy" });
  }
  return broken;
}

/** One version under one recall: the state it was taken from. `recalled` when another cause held it already. */
export interface RecallHold {
  readonly recall: string;
  readonly before: VersionState;
}

/**
 * What becomes of a version when `lifted` lets go of it. As long as other recalls hold it, it stays recalled, and the one that found it
 * recalled already is handed the state to give back later. With nobody left it returns to the state it was taken from.
 */
export function afterLift(
  lifted: RecallHold,
  others: readonly RecallHold[],
): { readonly restore: VersionState } | { readonly handTo: string | null } {
  if (others.length === 0) return { restore: lifted.before };
  const heir = lifted.before === "recalled" ? undefined : others.find(({ before }) => before === "recalled");
  return { handTo: heir?.recall ?? null };
}

/** Hours after the deadline at which a missing word is passed on to the platform, once each. */
export const ESCALATION_HOURS: readonly number[] = [0, 24, 72];

/** Steps that should have been taken by `now`. */
export function escalationsDue(acknowledgeBy: Date, now: Date): number {
  const late = (now.getTime() - acknowledgeBy.getTime()) / 3_600_000;
  return ESCALATION_HOURS.filter((hours) => late >= hours).length;
}
