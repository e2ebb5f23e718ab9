import { ADMIN_ROLES, INSTITUTION_ROLES, PLATFORM_ROLES, ROLES, type Role, SCOPES, type Scope } from "./vocabulary.js";

const READ: readonly Scope[] = ["models:read", "datasets:read", "jobs:read", "lineage:read", "institutions:read", "clusters:read"];
const WORK: readonly Scope[] = [...READ, "models:write", "datasets:write", "jobs:write", "lineage:write"];
/** Registering, releasing and withdrawing models: what the tier's rules ask for besides the right to work on them. An administrator's own role releases nothing; it stands here so that they can make somebody a reviewer. */
const LINES: readonly Scope[] = ["models:register", "models:release", "models:withdraw"];

/**
 * What each role may ask for, in sessions and tokens alike: the one table that the server, the API's description, the console and
 * `docs/roles.md` share. A scope opens a door; whether this model may be changed or that job approved by this person is then asked of
 * the tier's own rules.
 */
export const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  platform_admin: SCOPES,
  platform_engineer: [...WORK, ...LINES],
  institution_admin: [...WORK, ...LINES, "jobs:approve", "audit:read", "institutions:write", "directory:write", "holds:write"],
  institution_member: WORK,
  compliance_reviewer: [...READ, "models:release", "audit:read", "holds:write"],
  auditor: [...READ, "audit:read"],
};

/** Managing people stays with the roles that are made for it, and is audited as theirs. */
const PEOPLE: readonly Scope[] = ["institutions:write", "admin"];

/** Scopes out of which an institution, or the platform, makes roles of its own: what its built-in roles give, but not the managing of people. */
export function scopesToGive(isPlatform: boolean): readonly Scope[] {
  const misplaced = isPlatform ? INSTITUTION_ROLES : PLATFORM_ROLES;
  const roles = ROLES.filter((role) => !misplaced.includes(role));
  return SCOPES.filter((scope) => !PEOPLE.includes(scope) && roles.some((role) => SCOPES_OF_ROLE[role].includes(scope)));
}

/** Roles that a service account may hold at most. */
export function rolesForService(isPlatform: boolean): readonly Role[] {
  const misplaced = isPlatform ? INSTITUTION_ROLES : PLATFORM_ROLES;
  return ROLES.filter((role) => !misplaced.includes(role) && !ADMIN_ROLES.includes(role));
}
