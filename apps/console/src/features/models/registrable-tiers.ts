import { type Me, TIERS, type Tier } from "@ziggurat/contracts";

/** Tiers whose registration form is worth offering to a viewer; the server decides when it is sent. */
export function registrableTiers({ scopes, institution }: Pick<Me, "scopes" | "institution">): Tier[] {
  if (!scopes.includes("models:register")) return [];
  return TIERS.filter((tier) => (tier === "institution") !== (institution.slug === "platform"));
}
