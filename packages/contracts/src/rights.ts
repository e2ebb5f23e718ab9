import { type Role, SCOPES, type Scope } from "./vocabulary.js";

const READ: readonly Scope[] = ["models:read", "datasets:read", "jobs:read", "lineage:read", "institutions:read", "clusters:read"];
const WORK: readonly Scope[] = [...READ, "models:write", "datasets:write", "jobs:write", "lineage:write"];

/**
 * What each role may ask for, in sessions and tokens alike: the one table that the server, the API's description, the console and
 * `docs/roles.md` share. A scope opens a door; whether this model may be changed or that job approved by this person is then asked of
 * the tier's own rules.
 */
export const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  platform_admin: SCOPES,
  platform_engineer: WORK,
  institution_admin: [...WORK, "jobs:approve", "audit:read", "institutions:write", "holds:write"],
  institution_member: WORK,
  compliance_reviewer: [...READ, "audit:read", "holds:write"],
  auditor: [...READ, "audit:read"],
};
