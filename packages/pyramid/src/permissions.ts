import { ADMIN_ROLES, type Deed, PLATFORM_ROLES, type Role, type Scope, SHARED_TIERS } from "@ziggurat/contracts";
import { PLATFORM, type ViewerFacts } from "./facts.js";
import type { TierPolicy } from "./tier-policy.js";

/** Roles that may do a deed at a tier. Whoever may ask for jobs may also draft versions and hand them in for review. */
export function rolesFor(policy: TierPolicy, deed: Deed): readonly Role[] {
  switch (deed) {
    case "register":
      return policy.registrars;
    case "contribute":
      return policy.requesters;
    case "approve":
      return policy.approvingRoles;
    case "release":
      return policy.releasers;
    case "withdraw":
      return policy.withdrawers;
  }
}

/** Scopes by which a role that an institution made for itself carries a deed. The door of each route has asked for the very one. */
export const SCOPES_OF_DEED: Readonly<Record<Deed, readonly Scope[]>> = {
  register: ["models:register"],
  contribute: ["models:write", "datasets:write", "jobs:write"],
  approve: ["models:release"],
  release: ["models:release"],
  withdraw: ["models:withdraw"],
};

/**
 * Says why the viewer may not do a deed to something `owner` owns, or null. Everything but withdrawing is done at home:
 * the platform's people withdraw faulty versions wherever they are, if they were let work at every tier. A role of an institution's own
 * carries no deed beyond its home.
 */
export function whyNot(policy: TierPolicy, viewer: ViewerFacts, owner: string, deed: Deed): string | null {
  const roles = rolesFor(policy, deed).filter((role) => viewer.roles.includes(role));
  const reaches = roles.some((role) => viewer.institution === owner || (deed === "withdraw" && PLATFORM_ROLES.includes(role)));
  const carries = viewer.institution === owner && SCOPES_OF_DEED[deed].some((scope) => viewer.scopes?.includes(scope));
  if (!reaches && !carries) return `needs one of the roles ${rolesFor(policy, deed).join(", ")} at ${owner}`;
  return worksAt(policy, viewer) ? null : `is done by people who work at the tier ${policy.tier}`;
}

/**
 * Says why the viewer may not bring a withdrawn version back into use, or null. That is an approval like the first: whoever may approve at home may,
 * and whoever withdraws it without being an administrator.
 */
export function whyNotRestore(policy: TierPolicy, viewer: ViewerFacts, owner: string): string | null {
  const denied = whyNot(policy, viewer, owner, "approve");
  const roles = viewer.roles.filter((role) => !ADMIN_ROLES.includes(role));
  return denied === null || whyNot(policy, { ...viewer, roles }, owner, "withdraw") === null ? null : denied;
}

/** Administrators work at every tier; what institutions own is withdrawn by those who work at all the shared ones. */
export function worksAt({ tier }: Pick<TierPolicy, "tier">, { institution, roles, tiers }: ViewerFacts): boolean {
  if (tiers === undefined || institution !== PLATFORM || roles.includes("platform_admin")) return true;
  return tier === "institution" ? SHARED_TIERS.every((shared) => tiers.includes(shared)) : tiers.includes(tier);
}
