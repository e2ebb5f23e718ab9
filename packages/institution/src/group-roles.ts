/** What a person holds: all roles, and those among them that only groups give. */
export interface HeldRoles<R extends string> {
  readonly roles: readonly R[];
  readonly byGroups: readonly R[];
}

/**
 * Roles after a person's groups changed, or what the groups give. What was given by hand stays, whatever becomes of a group that gives
 * the same; what only groups gave goes with the last of them.
 * @param given by all groups the person is in now
 */
export function rolesByGroups<R extends string>(held: HeldRoles<R>, given: readonly R[]): HeldRoles<R> {
  const byHand = held.roles.filter((role) => !held.byGroups.includes(role));
  const byGroups = [...new Set(given)].filter((role) => !byHand.includes(role));
  return { roles: [...byHand, ...byGroups], byGroups };
}
