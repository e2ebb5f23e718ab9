import { type Deed, PLATFORM_ROLES, type Role } from "@ziggurat/contracts";
import type { ViewerFacts } from "./facts.js";
import type { TierPolicy } from "./tier-policy.js";

/** Roles that may do a deed at a tier. Whoever may ask for jobs may also draft versions and hand them in for review. */
export function rolesFor(policy: TierPolicy, deed: Deed): readonly Role[] {
  switch (deed) {
    case "register":
      return policy.registrars;
    case "contribute":
      return policy.requesters;
    case "release":
      return policy.releasers;
    case "withdraw":
      return policy.withdrawers;
  }
}

/**
 * Says why the viewer may not do a deed to something `owner` owns, or null. Everything but withdrawing is done at home:
 * the platform's people withdraw faulty versions wherever they are.
 */
export function whyNot(policy: TierPolicy, viewer: ViewerFacts, owner: string, deed: Deed): string | null {
  const roles = rolesFor(policy, deed).filter((role) => viewer.roles.includes(role));
  const reaches = roles.some((role) => viewer.institution === owner || (deed === "withdraw" && PLATFORM_ROLES.includes(role)));
  return reaches ? null : `needs one of the roles ${rolesFor(policy, deed).join(", ")} at ${owner}`;
}
