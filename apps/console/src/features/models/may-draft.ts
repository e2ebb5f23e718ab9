import type { Me, Model } from "@ziggurat/contracts";

/** Whether drafting versions of a model is worth offering to a viewer; the server decides when it is asked. */
export function mayDraft({ scopes, institution }: Pick<Me, "scopes" | "institution">, { owner }: Pick<Model, "owner">): boolean {
  return institution.slug === owner && scopes.includes("models:write");
}
