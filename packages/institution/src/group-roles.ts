import { type Role, SHARED_TIERS, type SharedTier } from "@ziggurat/contracts";

/** What a person holds: all of it, and what among it only groups give. */
export interface HeldByGroups<T extends string> {
  readonly held: readonly T[];
  readonly byGroups: readonly T[];
}

/**
 * What somebody holds after their groups changed, or what the groups give. What was given by hand stays, whatever becomes of a group that
 * gives the same; what only groups gave goes with the last of them.
 * @param given by all groups the person is in now
 */
export function heldByGroups<T extends string>({ held, byGroups }: HeldByGroups<T>, given: readonly T[]): HeldByGroups<T> {
  const byHand = held.filter((one) => !byGroups.includes(one));
  const now = [...new Set(given)].filter((one) => !byHand.includes(one));
  return { held: [...byHand, ...now], byGroups: now };
}

/** What a group gives: built-in roles, the institution's own by id, and the tiers of an engineer, null where nothing is said of them. */
export interface GroupGrant {
  readonly roles: readonly Role[];
  readonly customRoles: readonly string[];
  readonly tiers: readonly SharedTier[] | null;
}

/** Several groups together, each thing once. Of tiers nothing is said where a group makes engineers and does not say at which. */
export function givenByGroups(grants: readonly GroupGrant[]): GroupGrant {
  const once = <T>(values: readonly T[]): T[] => [...new Set(values)];
  const engineers = grants.filter(({ roles }) => roles.includes("platform_engineer"));
  const said = engineers.every(({ tiers }) => tiers !== null) ? once(engineers.flatMap(({ tiers }) => tiers ?? [])) : [];
  return {
    roles: once(grants.flatMap(({ roles }) => roles)),
    customRoles: once(grants.flatMap(({ customRoles }) => customRoles)),
    tiers: said.length === 0 ? null : SHARED_TIERS.filter((tier) => said.includes(tier)),
  };
}

/** Built-in roles and tiers as they are kept of a person: tiers null are all of an engineer's, and none of anybody else's. */
export interface BuiltIn {
  readonly roles: readonly Role[];
  readonly tiers: readonly SharedTier[] | null;
}

/**
 * Built-in roles, and tiers with them: a person who is an engineer by hand at one tier and by a group at another works at both, and at
 * the first again when the group is gone. Where groups say nothing of tiers, those of before stay.
 */
export function builtInByGroups(
  before: BuiltIn,
  byGroups: BuiltIn,
  given: GroupGrant,
): { readonly held: BuiltIn; readonly byGroups: BuiltIn } {
  const roles = heldByGroups({ held: before.roles, byGroups: byGroups.roles }, given.roles);
  const isEngineer = (list: readonly Role[]) => list.includes("platform_engineer");
  if (!isEngineer(roles.held)) return { held: { roles: roles.held, tiers: null }, byGroups: { roles: roles.byGroups, tiers: null } };
  if (isEngineer(given.roles) && given.tiers === null) {
    return { held: { roles: roles.held, tiers: before.tiers }, byGroups: { roles: roles.byGroups, tiers: byGroups.tiers } };
  }
  const tiersOf = ({ roles: list, tiers }: BuiltIn) => (isEngineer(list) ? (tiers ?? SHARED_TIERS) : []);
  // Whom groups made an engineer before tiers were said of them has every tier by them.
  const groupTiers = byGroups.tiers ?? tiersOf({ roles: byGroups.roles, tiers: before.tiers });
  const tiers = heldByGroups({ held: tiersOf(before), byGroups: groupTiers }, given.tiers ?? []);
  return {
    held: { roles: roles.held, tiers: kept(tiers.held) ?? before.tiers },
    byGroups: { roles: roles.byGroups, tiers: tiers.byGroups.length === 0 ? null : tiers.byGroups },
  };
}

/** In the vocabulary's order; null where nothing would be left. */
function kept(tiers: readonly SharedTier[]): SharedTier[] | null {
  const ordered = SHARED_TIERS.filter((tier) => tiers.includes(tier));
  return ordered.length === 0 ? null : ordered;
}
