import type { HoldAction, HoldState, Role, Violation } from "@ziggurat/contracts";
import { PLATFORM, type ViewerFacts } from "./facts.js";

/** Roles that may set and lift legal holds. */
export const HOLDING_ROLES: readonly Role[] = ["platform_admin", "institution_admin", "compliance_reviewer"];

/** A hold, as far as rules care. */
export interface HoldFacts {
  readonly state: HoldState;
  /** Slug of the institution whose people set it. */
  readonly setFor: string;
  /** Why the viewer is no second person for the lift that was asked for: they asked themselves. */
  readonly ownWork: readonly Violation[];
}

function maySetHolds({ roles, scopes = [] }: ViewerFacts): boolean {
  return roles.some((role) => HOLDING_ROLES.includes(role)) || scopes.includes("holds:write");
}

/** Why this viewer cannot hold something that `owner` owns, or null. The platform's people hold things of every owner. */
export function whyNotHold(viewer: ViewerFacts, owner: string): string | null {
  return maySetHolds(viewer) && (viewer.institution === owner || viewer.institution === PLATFORM) ? null : needs(owner);
}

/**
 * Why this viewer cannot take this step towards lifting a hold. Code `hold_role`: not a person of the institution that set it;
 * `hold_state`: not in this state; `same_person`: who asked for the lift does not confirm it; `not_a_person`: a program confirms none.
 */
export function checkHoldAction(action: HoldAction, hold: HoldFacts, viewer: ViewerFacts): Violation[] {
  const mayAct = viewer.institution === hold.setFor && maySetHolds(viewer);
  const broken: Violation[] = mayAct ? [] : [{ code: "hold_role", detail: needs(hold.setFor) }];
  const wanted: HoldState = action === "ask_lift" ? "in_force" : "lift_asked";
  if (hold.state !== wanted) broken.push({ code: "hold_state", detail: REMEDIES[action][hold.state] });
  if (action === "confirm_lift" && hold.state === "lift_asked") broken.push(...hold.ownWork);
  return broken;
}

/** The steps that are open to this viewer now. */
export function holdActionsFor(hold: HoldFacts, viewer: ViewerFacts): HoldAction[] {
  const steps: readonly HoldAction[] = ["ask_lift", "confirm_lift", "withdraw_lift"];
  return steps.filter((action) => checkHoldAction(action, hold, viewer).length === 0);
}

const LIFTED = "the hold is lifted; set a new one if it has to be kept again";
const NOT_ASKED = "nobody has asked for the lift; ask for it first";
const REMEDIES: Record<HoldAction, Record<HoldState, string>> = {
  ask_lift: { in_force: "", lift_asked: "the lift is asked for already; a second person confirms it", lifted: LIFTED },
  confirm_lift: { in_force: NOT_ASKED, lift_asked: "", lifted: LIFTED },
  withdraw_lift: { in_force: NOT_ASKED, lift_asked: "", lifted: LIFTED },
};

function needs(institution: string): string {
  return `needs one of the roles ${HOLDING_ROLES.join(", ")} at ${institution}`;
}
