import type { GateResult, VersionState, Violation } from "@ziggurat/contracts";
import type { ViewerFacts } from "./facts.js";
import { type Deed, whyNot } from "./permissions.js";
import type { TierPolicy } from "./tier-policy.js";
import { VERSION_MOVES, WITHDRAWN_STATES } from "./version-states.js";

/** A version about to move. */
export interface MoveFacts {
  readonly state: VersionState;
  readonly owner: string;
  readonly gates: readonly GateResult[];
  readonly approversGiven: number;
}
/** A move out of the present state: open to this viewer, or why not. */
export interface Move {
  readonly to: VersionState;
  readonly allowed: boolean;
  readonly reasons: string[];
}

/** Every move the table allows from here, with the reasons why this viewer cannot make it now. */
export function movesFor(policy: TierPolicy, viewer: ViewerFacts, version: MoveFacts): Move[] {
  return VERSION_MOVES[version.state].map((to) => {
    const reasons = checkMove(policy, viewer, version, to).map(({ detail }) => detail);
    return { to, allowed: reasons.length === 0, reasons };
  });
}

/**
 * Why a version cannot move to `to`. Code `state`: not in the table; `role`: not this viewer; `gate_failed`, `gate_missing` and
 * `approvers`: not proven for these bytes.
 */
export function checkMove(policy: TierPolicy, viewer: ViewerFacts, version: MoveFacts, to: VersionState): Violation[] {
  const open = VERSION_MOVES[version.state];
  if (!open.includes(to)) {
    const next = open.length === 0 ? "nothing" : open.join(", ");
    return [{ code: "state", detail: `from ${version.state} a version moves to ${next}, not to ${to}`, pointer: "/to" }];
  }
  const denied = whyNot(policy, viewer, version.owner, deedOf(to));
  return [
    ...(denied === null ? [] : [{ code: "role", detail: denied, pointer: "/to" }]),
    ...(to === "released" ? checkProof(policy, version) : []),
  ];
}

/** What stands between a version and the proof its tier asks for. Asked at release, and again whenever an alias points to it. */
export function checkProof(policy: TierPolicy, { gates, approversGiven }: Pick<MoveFacts, "gates" | "approversGiven">): Violation[] {
  const open = gates
    .filter(({ verdict }) => verdict !== "passed")
    .map(({ gate, verdict, detail }) => ({
      code: verdict === "failed" ? "gate_failed" : "gate_missing",
      detail: `${gate}: ${detail}`,
      pointer: "/to",
    }));
  const wanted = policy.approvers - approversGiven;
  return wanted > 0 ? [...open, { code: "approvers", detail: `${wanted} more approvers are needed`, pointer: "/to" }] : open;
}

function deedOf(to: VersionState): Deed {
  if (WITHDRAWN_STATES.includes(to)) return "withdraw";
  return to === "sealed" || to === "in_review" ? "contribute" : "release";
}
