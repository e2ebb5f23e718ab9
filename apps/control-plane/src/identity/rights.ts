import { type Role, SCOPES, SCOPES_OF_ROLE, type Scope } from "@ziggurat/contracts";

/** What somebody holds: built-in roles, and what roles of the institution's own give. */
export interface Rights {
  readonly roles: readonly Role[];
  readonly customScopes: readonly Scope[];
}

/** Every scope that any of the roles gives, in the order of the vocabulary. */
export function scopesOf({ roles, customScopes }: Rights): readonly Scope[] {
  return SCOPES.filter((scope) => customScopes.includes(scope) || rolesGiving(scope, roles).length > 0);
}

/** Roles among these that give a scope. */
export function rolesGiving(scope: Scope, roles: readonly Role[]): Role[] {
  return roles.filter((role) => SCOPES_OF_ROLE[role].includes(scope));
}

/** What a token may do: what it was made for, as far as its owner's roles still allow. */
export function scopesWithin(granted: readonly string[], rights: Rights): readonly Scope[] {
  return scopesOf(rights).filter((scope) => granted.includes(scope));
}
