import type { Me, Model } from "@ziggurat/contracts";

/** Whether somebody may ask for a job that makes a version of a model: whoever asks for jobs, for what is their institution's own. */
export function mayTune({ scopes, institution }: Pick<Me, "scopes" | "institution">, { owner }: Pick<Model, "owner">): boolean {
  return institution.slug === owner && scopes.includes("jobs:write");
}
