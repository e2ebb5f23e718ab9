import type { VersionState } from "@ziggurat/contracts";

/**
 * Every allowed move of a version. `quarantined` and `recalled` are reached from any live state; a quarantine ends in a recall, or is
 * lifted into the very state it was taken from (`checkMove`). `domain/features.md` 9.
 */
export const VERSION_MOVES: Record<VersionState, readonly VersionState[]> = {
  draft: ["sealed"],
  sealed: ["in_review", "quarantined", "recalled"],
  in_review: ["released", "sealed", "quarantined", "recalled"],
  released: ["deprecated", "quarantined", "recalled"],
  deprecated: ["retired", "quarantined", "recalled"],
  retired: [],
  quarantined: ["sealed", "in_review", "released", "deprecated", "recalled"],
  recalled: [],
};

/** States in which a version stands for something: it can be derived from, shown to others, or withdrawn. */
export const LIVE_STATES: readonly VersionState[] = ["sealed", "in_review", "released", "deprecated"];
/** States in which another institution may take the bytes. */
export const PULLABLE_STATES: readonly VersionState[] = ["released", "deprecated"];
/** Withdrawn for cause; nothing may stand on these any more. */
export const WITHDRAWN_STATES: readonly VersionState[] = ["quarantined", "recalled"];
