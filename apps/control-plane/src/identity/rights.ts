import { type Role, SCOPES, SCOPES_OF_ROLE, type Scope } from "@ziggurat/contracts";

/** Every scope that any of the roles gives, in the order of the vocabulary. */
export function scopesOf(roles: readonly Role[]): readonly Scope[] {
  return SCOPES.filter((scope) => rolesGiving(scope, roles).length > 0);
}

/** Roles among these that give a scope. */
export function rolesGiving(scope: Scope, roles: readonly Role[]): Role[] {
  return roles.filter((role) => SCOPES_OF_ROLE[role].includes(scope));
}

/** What a token may do: what it was made for, as far as its owner's roles still allow. */
export function scopesWithin(granted: readonly string[], roles: readonly Role[]): readonly Scope[] {
  return scopesOf(roles).filter((scope) => granted.includes(scope));
}
