import { type Me, TIERS, type Tier } from "@ziggurat/contracts";

/** Tiers whose registration form is worth offering to a viewer; the server decides when it is sent. */
export function registrableTiers(me: Pick<Me, "roles">): Tier[] {
  return TIERS.filter((tier) => (tier === "institution" ? me.roles.includes("institution_admin") : me.roles.includes("platform_engineer")));
}
