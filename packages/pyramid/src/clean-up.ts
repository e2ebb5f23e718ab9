import type { CleanUpState, PurgeBlocker, Violation } from "@ziggurat/contracts";
import { PLATFORM, type ViewerFacts } from "./facts.js";
import { checkPurge, type PurgeFacts, type PurgeLimits } from "./purge.js";

/** What a rule of clean-up says, as far as rules care. */
export interface CleanUpRuleFacts {
  readonly states: readonly CleanUpState[];
  readonly ageDays: number;
  readonly isEnabled: boolean;
}

/** Why this viewer neither makes rules of clean-up nor carries them out, or null. */
export function whyNotCleanUp(viewer: ViewerFacts): string | null {
  const may = viewer.institution === PLATFORM && viewer.roles.includes("platform_admin");
  return may ? null : `needs the role platform_admin at ${PLATFORM}`;
}

/** Why a rule cannot be set. Code `rule_age`: it would keep things shorter than the installation wants them kept. */
export function checkCleanUpRule({ ageDays }: Pick<CleanUpRuleFacts, "ageDays">, minimumDays: number): Violation[] {
  if (ageDays >= minimumDays) return [];
  return [{ code: "rule_age", detail: `everything is kept for ${minimumDays} days at least; name as many or more`, pointer: "/ageDays" }];
}

/** A carrying out, before it begins. */
export interface CleanUpClaim {
  readonly isEnabled: boolean;
  /** Whether another one by the same rule is under way. */
  readonly isRunning: boolean;
  readonly graph: string;
  readonly graphNow: string;
  readonly versions: number;
}

/**
 * Why a rule cannot be carried out now. Code `rule_disabled`: it is switched off; `clean_up_running`: another one by it is under way;
 * `graph_changed`: it would take something else than the preview showed; `nothing_selected`: it takes nothing.
 */
export function checkCleanUp({ isEnabled, isRunning, graph, graphNow, versions }: CleanUpClaim): Violation[] {
  const broken: Violation[] = [];
  if (!isEnabled) broken.push({ code: "rule_disabled", detail: "the rule is switched off; switch it on first", pointer: "/rule" });
  if (isRunning) {
    broken.push({ code: "clean_up_running", detail: "a clean-up by this rule is under way; wait until it is done", pointer: "/rule" });
  }
  if (graph !== graphNow) {
    const detail = "the rule would take something else than the preview showed; look again before you decide";
    broken.push({ code: "graph_changed", detail, pointer: "/graph" });
  } else if (versions === 0) {
    broken.push({ code: "nothing_selected", detail: "the rule takes nothing at this moment", pointer: "/rule" });
  }
  return broken;
}

/**
 * Everything that keeps a version from a rule that speaks of its tier: all that keeps it from any purge, and that it is in another state, not
 * long enough in its own, or under a recall that may be lifted yet.
 */
export function whyKept(
  rule: CleanUpRuleFacts,
  facts: PurgeFacts & { readonly isReturning: boolean },
  limits: PurgeLimits,
): readonly PurgeBlocker[] {
  const plain = (code: string, detail: string): PurgeBlocker => ({ code, detail, count: null, withheld: false, objects: [] });
  const broken = checkPurge(facts, { ...limits, minimumDays: Math.max(limits.minimumDays, rule.ageDays) });
  if (!rule.states.some((state) => state === facts.state) && !broken.some(({ code }) => code === "live_state")) {
    broken.push(plain("rule_state", `it is ${facts.state}; the rule takes ${rule.states.join(", ")} versions`));
  }
  if (facts.isReturning) broken.push(plain("recall_in_force", "a recall of it may be lifted yet"));
  return broken;
}
