import type { AliasGuard, AliasProposalState, Violation } from "@ziggurat/contracts";
import type { ViewerFacts } from "./facts.js";
import { whyNot } from "./permissions.js";
import type { TierPolicy } from "./tier-policy.js";

/** Names that are protected at every model, whether or not somebody asked for it. */
export const PROTECTED_BY_DEFAULT: readonly string[] = ["champion"];

/** What guards a name: what was stated for it, else the default of its name, else nothing. */
export function guardOf(policy: TierPolicy, name: string, stated: AliasGuard | null): AliasGuard | null {
  if (stated !== null) return stated;
  return PROTECTED_BY_DEFAULT.includes(name) ? { roles: [...policy.releasers], secondPerson: false } : null;
}

/** Why this viewer may not propose or decide a change of the name. Code `role`. */
export function checkAliasRight(policy: TierPolicy, viewer: ViewerFacts, owner: string, guard: AliasGuard | null): Violation[] {
  const denied = whyNot(policy, viewer, owner, "release");
  if (denied !== null) return [{ code: "role", detail: denied }];
  if (guard === null || guard.roles.some((role) => viewer.roles.includes(role))) return [];
  // Where every releaser may, a role of the institution's own that releases may as well.
  if (policy.releasers.every((role) => guard.roles.includes(role))) return [];
  return [{ code: "role", detail: `the name is protected: changing it needs one of the roles ${guard.roles.join(", ")} at ${owner}` }];
}

/** Why this viewer may not change the name alone. Codes `role`; `second_person`: it must be proposed, and approved by somebody else. */
export function checkAliasChange(policy: TierPolicy, viewer: ViewerFacts, owner: string, guard: AliasGuard | null): Violation[] {
  const broken = checkAliasRight(policy, viewer, owner, guard);
  if (guard?.secondPerson === true) {
    broken.push({ code: "second_person", detail: "the name needs a second person: propose the change, and let somebody else approve it" });
  }
  return broken;
}

/** A protected name moves for a stated reason. */
export function checkAliasReason(guard: AliasGuard | null, reason: string): Violation[] {
  if (guard === null || reason.trim() !== "") return [];
  return [{ code: "reason_required", detail: "the name is protected: say why it moves", pointer: "/reason" }];
}

/** A guard only narrows the tier's releasers, and keeps a way in for whoever sets it. */
export function checkGuard(policy: TierPolicy, viewer: ViewerFacts, guard: AliasGuard): Violation[] {
  const foreign = guard.roles.filter((role) => !policy.releasers.includes(role));
  if (foreign.length > 0) {
    const detail = `${foreign.join(", ")} may not move aliases at ${policy.tier}; choose among ${policy.releasers.join(", ")}`;
    return [{ code: "alias_roles", detail, pointer: "/roles" }];
  }
  if (guard.roles.some((role) => viewer.roles.includes(role))) return [];
  return [{ code: "alias_lockout", detail: "you would lock yourself out: name a role that you hold as well", pointer: "/roles" }];
}

/** A proposal as somebody is about to decide it. */
export interface ProposalFacts {
  readonly state: AliasProposalState;
  /** Why the viewer may not approve what they had a hand in: the proposal, and the version it would put to use. */
  readonly ownWork: readonly Violation[];
}

/** Code `proposal_state`: decided before; `role`; `same_person`, `own_…`: whoever proposed it, or made the version, is no second person. */
export function checkApproval(
  policy: TierPolicy,
  viewer: ViewerFacts,
  owner: string,
  guard: AliasGuard | null,
  proposal: ProposalFacts,
): Violation[] {
  return [...checkWithdrawal(policy, viewer, owner, guard, proposal), ...proposal.ownWork];
}

/** Whoever may change the name may take back a proposal, their own or another's. */
export function checkWithdrawal(
  policy: TierPolicy,
  viewer: ViewerFacts,
  owner: string,
  guard: AliasGuard | null,
  { state }: Pick<ProposalFacts, "state">,
): Violation[] {
  const broken = checkAliasRight(policy, viewer, owner, guard);
  if (state !== "pending") broken.push({ code: "proposal_state", detail: `the proposal is ${state} already` });
  return broken;
}
