import { type Role, SCOPES, type Scope } from "@ziggurat/contracts";

const READ: readonly Scope[] = ["models:read", "datasets:read", "jobs:read", "lineage:read", "institutions:read", "clusters:read"];
const WORK: readonly Scope[] = [...READ, "models:write", "datasets:write", "jobs:write", "lineage:write"];

/**
 * What each role may ask for, in sessions and tokens alike. A scope opens a door; whether this model may be changed or that job
 * approved by this person is then asked of the tier's own rules.
 */
const SCOPES_OF: Readonly<Record<Role, readonly Scope[]>> = {
  platform_admin: SCOPES,
  platform_engineer: WORK,
  institution_admin: [...WORK, "jobs:approve", "audit:read", "institutions:write", "holds:write"],
  institution_member: WORK,
  compliance_reviewer: [...READ, "audit:read", "holds:write"],
  auditor: [...READ, "audit:read"],
};

/** Every scope that any of the roles gives, in the order of the vocabulary. */
export function scopesOf(roles: readonly Role[]): readonly Scope[] {
  return SCOPES.filter((scope) => roles.some((role) => SCOPES_OF[role].includes(scope)));
}

/** What a token may do: what it was made for, as far as its owner's roles still allow. */
export function scopesWithin(granted: readonly string[], roles: readonly Role[]): readonly Scope[] {
  return scopesOf(roles).filter((scope) => granted.includes(scope));
}
