import type { Deed, GateResult, VersionState, Violation } from "@ziggurat/contracts";
import { type CardItem, refuseGaps } from "./check-card.js";
import type { ViewerFacts } from "./facts.js";
import { whyNot, whyNotRestore } from "./permissions.js";
import { type Actor, type Contribution, checkApprover } from "./separation.js";
import type { TierPolicy } from "./tier-policy.js";
import { VERSION_MOVES, WITHDRAWN_STATES } from "./version-states.js";

/** A version about to move. */
export interface MoveFacts {
  readonly state: VersionState;
  readonly owner: string;
  readonly gates: readonly GateResult[];
  readonly approversGiven: number;
  /** Of a quarantined version: where it came from, and what was found since. Null in any other state. */
  readonly quarantine: Quarantine | null;
  /** Whether its files were dropped for good. */
  readonly isPurged: boolean;
  /** What the tier asks of the model's card and it does not say. */
  readonly cardGaps: readonly CardItem[];
  /** Shared versions it stands on directly whose lines the owner may not serve now. */
  readonly unserved: readonly string[];
  /** Who had a hand in it, and who would move it now. */
  readonly work: WorkFacts;
}
export interface WorkFacts {
  readonly contributions: readonly Contribution[];
  readonly approver: Actor;
}
export interface Quarantine {
  /** State it was taken from, and to which alone it returns. */
  readonly takenFrom: VersionState;
  /** Whether its stored bytes were read as a whole since, and are what was sealed. */
  readonly isIntactSince: boolean;
}
/** A move out of the present state: open to this viewer, or why not. */
export interface Move {
  readonly to: VersionState;
  readonly allowed: boolean;
  readonly reasons: string[];
  readonly codes: string[];
}

/** Every move the table allows from here, with the reasons why this viewer cannot make it now. */
export function movesFor(policy: TierPolicy, viewer: ViewerFacts, version: MoveFacts): Move[] {
  return openMoves(version).map((to) => {
    const broken = checkMove(policy, viewer, version, to);
    return { to, allowed: broken.length === 0, reasons: broken.map(({ detail }) => detail), codes: broken.map(({ code }) => code) };
  });
}

/**
 * Why a version cannot move to `to`. Code `state`: not in the table; `purged`: it has no files any more; `role`: not this viewer; `own_…`: had a
 * hand in it (`checkApprover`); `card_incomplete`: the card has gaps; `gate_failed`, `gate_missing` and
 * `approvers`: not proven for these bytes; `not_verified`: a quarantine ends only when the bytes have been read again and are sound.
 */
export function checkMove(policy: TierPolicy, viewer: ViewerFacts, version: MoveFacts, to: VersionState): Violation[] {
  const open = openMoves(version);
  if (!open.includes(to)) {
    if (version.isPurged)
      return [{ code: "purged", detail: "its files were dropped for good; nothing can be done with it but a recall", pointer: "/to" }];
    const next = open.length === 0 ? "nothing" : open.join(", ");
    return [{ code: "state", detail: `from ${version.state} a version moves to ${next}, not to ${to}`, pointer: "/to" }];
  }
  const lifts = version.quarantine !== null && to !== "recalled";
  const denied = deniedFor(policy, viewer, version, to);
  return [
    ...(denied === null ? [] : [{ code: "role", detail: denied, pointer: "/to" }]),
    ...checkOwnWork(version, to),
    ...(lifts && !version.quarantine.isIntactSince ? [NOT_VERIFIED] : []),
    ...(to === "in_review" && !lifts && policy.requiresCard ? refuseGaps(version.cardGaps) : []),
    ...(to === "released" && !lifts ? version.unserved.map(notServed) : []),
    // What was released before was proven then; whoever pulls it, points a name to it or derives from it asks the gates again.
    ...(to === "released" && !lifts ? checkProof(policy, version) : []),
  ];
}

/** Bringing a version into use is somebody's word for it, the first time and out of a quarantine alike. */
function isApproval({ quarantine }: MoveFacts, to: VersionState): boolean {
  return to === "released" || (quarantine !== null && to === "deprecated");
}

function checkOwnWork(version: MoveFacts, to: VersionState): Violation[] {
  const { quarantine, work } = version;
  if (!isApproval(version, to)) return [];
  return checkApprover(quarantine === null ? "release" : "restore", work.contributions, work.approver, "/to");
}

/** Whose roles do not reach that far. */
function deniedFor(policy: TierPolicy, viewer: ViewerFacts, version: MoveFacts, to: VersionState): string | null {
  const { owner, quarantine } = version;
  if (quarantine === null || to === "recalled") return whyNot(policy, viewer, owner, deedOf(to));
  return isApproval(version, to) ? whyNotRestore(policy, viewer, owner) : whyNot(policy, viewer, owner, "withdraw");
}

const notServed = (ref: string): Violation => ({
  code: "not_entitled",
  detail: `there is no right to serve models that stand on ${ref}; ask the platform for an entitlement`,
  pointer: "/to",
});

const NOT_VERIFIED: Violation = {
  code: "not_verified",
  detail: "its stored bytes have not been read and found intact since the quarantine; bring back what is damaged, then verify",
  pointer: "/to",
};

/** The table's moves; out of a quarantine only the way back, and the recall; of what has no files any more, the recall alone. */
function openMoves({ state, quarantine, isPurged }: MoveFacts): readonly VersionState[] {
  if (isPurged) return VERSION_MOVES[state].filter((to) => to === "recalled");
  if (quarantine === null) return VERSION_MOVES[state];
  return VERSION_MOVES[state].filter((to) => to === "recalled" || to === quarantine.takenFrom);
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
  if (to === "released") return "approve";
  return to === "sealed" || to === "in_review" ? "contribute" : "release";
}
