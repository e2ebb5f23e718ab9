import type { Me, Model } from "@ziggurat/contracts";

/** Whether drafting versions of a model is worth offering to a viewer; the server decides when it is asked. */
export function mayDraft(
  { roles, institution }: Pick<Me, "roles" | "institution">,
  { tier, owner }: Pick<Model, "tier" | "owner">,
): boolean {
  const wanted =
    tier === "institution" ? (["institution_member", "institution_admin"] as const) : (["platform_engineer", "platform_admin"] as const);
  return institution.slug === owner && wanted.some((role) => roles.includes(role));
}
