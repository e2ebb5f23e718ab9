import type { HoldKind, PurgeBlocker, Role, VersionState } from "@ziggurat/contracts";
import type { ViewerFacts } from "./facts.js";

/** Roles that may drop files for good: administrators, of what their own institution owns. */
export const PURGING_ROLES: readonly Role[] = ["platform_admin", "institution_admin"];

/** States whose versions may be purged; the others are in use, or may be any moment. */
export const PURGEABLE_STATES: readonly VersionState[] = ["draft", "retired", "quarantined", "recalled"];

/** Things that stand in the way, by whose they are. */
export interface Share {
  /** Of the viewer's own institution, and of the shared tiers. */
  readonly own: number;
  /** Of other institutions. */
  readonly others: number;
  /** A few of the own ones by name. */
  readonly named: readonly string[];
}

/** A legal hold in force, by what it holds. */
export interface HoldOn {
  readonly id: string;
  readonly kind: HoldKind;
}

/** Everything that may stand in the way of dropping the files of a version, or the rows of a dataset version. */
export interface PurgeFacts {
  /** Null for a dataset version, which is there or not. */
  readonly state: VersionState | null;
  readonly isPurged: boolean;
  /** When it came into its present state; for a dataset version, when it was made. */
  readonly since: Date;
  readonly holds: readonly HoldOn[];
  /** Aliases that point to it, and aliases that would go back to it. */
  readonly aliases: readonly string[];
  readonly rollbackOf: readonly string[];
  /** Versions that descend from it, or learnt from it: in use, held, to go back to, and withdrawn but not for good. */
  readonly live: Share;
  readonly held: Share;
  readonly rollbacks: Share;
  readonly returning: Share;
  /** Drafts that name it as a parent. */
  readonly drafts: Share;
  /** Jobs that are not over and use it. */
  readonly jobs: Share;
}

/** What an installation asks for besides. */
export interface PurgeLimits {
  /** Counts in which other institutions have a smaller part are withheld. */
  readonly minimumCount: number;
  /** Days for which a thing is kept after it came into its present state. */
  readonly minimumDays: number;
  readonly now: Date;
}

/** Why this viewer cannot purge what `owner` owns, or null. Creating a thing gives no right to delete it. */
export function whyNotPurge(viewer: ViewerFacts, owner: string): string | null {
  const mayPurge = viewer.institution === owner && viewer.roles.some((role) => PURGING_ROLES.includes(role));
  return mayPurge ? null : `needs one of the roles ${PURGING_ROLES.join(", ")} at ${owner}`;
}

/**
 * Everything that stands in the way of a purge, at once. A number that other institutions have a part in is withheld when their part is
 * smaller than `minimumCount`: that something stands on a version is told, not that one certain neighbour has one.
 */
export function checkPurge(facts: PurgeFacts, limits: PurgeLimits): PurgeBlocker[] {
  return [...checkSubject(facts, limits), ...checkDependents(facts, limits.minimumCount)];
}

/** What the thing itself says against it. */
function checkSubject(facts: PurgeFacts, limits: PurgeLimits): PurgeBlocker[] {
  const blockers: PurgeBlocker[] = [];
  const add = (code: string, detail: string, objects: readonly string[] = []) =>
    blockers.push({ code, detail, count: null, withheld: false, objects: [...objects] });
  if (facts.isPurged) add("purged", "its files were dropped before");
  if (facts.state !== null && !PURGEABLE_STATES.includes(facts.state)) {
    add("live_state", `it is ${facts.state}; only ${PURGEABLE_STATES.join(", ")} versions are purged. Retire it first`);
  }
  const keptUntil = new Date(facts.since.getTime() + limits.minimumDays * 86_400_000);
  if (keptUntil > limits.now) {
    add("retention_age", `it is kept until ${keptUntil.toISOString()}: ${limits.minimumDays} days after it came into its present state`);
  }
  for (const kind of new Set(facts.holds.map((hold) => hold.kind))) {
    const ids = facts.holds.filter((hold) => hold.kind === kind).map(({ id }) => id);
    const kept = kind === "institution" ? "everything of its institution" : `this ${kind}`;
    add("held", `a legal hold keeps ${kept} (${ids.join(", ")}); two people lift it`, ids);
  }
  if (facts.aliases.length > 0) add("alias", `${facts.aliases.join(", ")} points to it; move the alias first`, facts.aliases);
  if (facts.rollbackOf.length > 0) {
    add("rollback_target", `${facts.rollbackOf.join(", ")} would go back to it, until the name is moved once more`, facts.rollbackOf);
  }
  return blockers;
}

/** What stands on it, or uses it. */
function checkDependents(facts: PurgeFacts, minimum: number): PurgeBlocker[] {
  const counted = (code: string, what: string, { own, others, named }: Share): PurgeBlocker[] => {
    if (own + others === 0) return [];
    const withheld = others > 0 && others < minimum;
    const names = named.length === 0 ? "" : ` (${named.join(", ")}${named.length < own ? ", …" : ""})`;
    return [
      {
        code,
        detail: `${withheld ? "some" : own + others} ${what}${names}`,
        count: withheld ? null : own + others,
        withheld,
        objects: [...named],
      },
    ];
  };
  return [
    ...counted("ancestor_of_live", "versions in use stand on it; retire those first", facts.live),
    ...counted("ancestor_of_held", "versions under a legal hold stand on it", facts.held),
    ...counted("ancestor_of_rollback", "versions that an alias would go back to stand on it", facts.rollbacks),
    ...counted("ancestor_of_withdrawn", "withdrawn versions that may come back stand on it; purge those first", facts.returning),
    ...counted("ancestor_of_draft", "drafts are made from it; purge or seal those first", facts.drafts),
    ...counted("used_by_job", "jobs that are not over use it; wait or cancel them", facts.jobs),
  ];
}
