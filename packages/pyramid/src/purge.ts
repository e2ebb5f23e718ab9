import type { PurgeBlocker, Role, VersionState } from "@ziggurat/contracts";
import type { ViewerFacts } from "./facts.js";

/** Roles that may drop files for good: administrators, of what their own institution owns. */
export const PURGING_ROLES: readonly Role[] = ["platform_admin", "institution_admin"];

/** States whose versions may be purged; the others are in use, or may be any moment. */
export const PURGEABLE_STATES: readonly VersionState[] = ["draft", "retired", "quarantined", "recalled"];

/** A number of things, by whose they are. */
export interface Share {
  /** Of the viewer's own institution, and of the shared tiers. */
  readonly own: number;
  /** Of other institutions. */
  readonly others: number;
}

/** Everything that may stand in the way of dropping the files of a version, or the rows of a dataset version. */
export interface PurgeFacts {
  /** Null for a dataset version, which is there or not. */
  readonly state: VersionState | null;
  readonly isPurged: boolean;
  /** Legal holds in force that keep it, by what they hold. */
  readonly holds: readonly ("version" | "model" | "dataset" | "institution")[];
  /** Aliases that point to it, and aliases that would go back to it. */
  readonly aliases: readonly string[];
  readonly rollbackOf: readonly string[];
  /** Versions that descend from it: in use, held, to go back to, and withdrawn but not for good. */
  readonly live: Share;
  readonly held: Share;
  readonly rollbacks: Share;
  readonly returning: Share;
  /** Drafts that name it as a parent. */
  readonly drafts: Share;
  /** Jobs that are not over and use it. */
  readonly jobs: Share;
}

/** Why this viewer cannot purge what `owner` owns, or null. Creating a thing gives no right to delete it. */
export function whyNotPurge(viewer: ViewerFacts, owner: string): string | null {
  const mayPurge = viewer.institution === owner && viewer.roles.some((role) => PURGING_ROLES.includes(role));
  return mayPurge ? null : `needs one of the roles ${PURGING_ROLES.join(", ")} at ${owner}`;
}

/**
 * Everything that stands in the way of a purge, at once. A number that other institutions have a part in is withheld when their part is
 * smaller than `minimum`: that something stands on a version is told, not that one certain neighbour has one.
 */
export function checkPurge(facts: PurgeFacts, minimum: number): PurgeBlocker[] {
  const plain = (code: string, detail: string): PurgeBlocker => ({ code, detail, count: null, withheld: false });
  const counted = (code: string, what: string, { own, others }: Share): PurgeBlocker[] => {
    if (own + others === 0) return [];
    const withheld = others > 0 && others < minimum;
    return [{ code, detail: withheld ? `some ${what}` : `${own + others} ${what}`, count: withheld ? null : own + others, withheld }];
  };
  const blockers: PurgeBlocker[] = [];
  if (facts.isPurged) blockers.push(plain("purged", "its files were dropped before"));
  if (facts.state !== null && !PURGEABLE_STATES.includes(facts.state)) {
    blockers.push(plain("live_state", `it is ${facts.state}; only ${PURGEABLE_STATES.join(", ")} versions are purged. Retire it first`));
  }
  for (const kind of new Set(facts.holds)) {
    blockers.push(
      plain("held", kind === "institution" ? "a legal hold keeps everything of its institution" : `a legal hold keeps this ${kind}`),
    );
  }
  if (facts.aliases.length > 0) blockers.push(plain("alias", `${facts.aliases.join(", ")} points to it; move the alias first`));
  if (facts.rollbackOf.length > 0) blockers.push(plain("rollback_target", `${facts.rollbackOf.join(", ")} would go back to it`));
  return [
    ...blockers,
    ...counted("ancestor_of_live", "versions in use descend from it", facts.live),
    ...counted("ancestor_of_held", "versions under a legal hold descend from it", facts.held),
    ...counted("ancestor_of_rollback", "versions that an alias would go back to descend from it", facts.rollbacks),
    ...counted("ancestor_of_withdrawn", "withdrawn versions that may come back descend from it; purge those first", facts.returning),
    ...counted("ancestor_of_draft", "drafts are made from it; purge or seal those first", facts.drafts),
    ...counted("used_by_job", "jobs that are not over use it; wait or cancel them", facts.jobs),
  ];
}
