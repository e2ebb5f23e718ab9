import type { Role, Scope, SharedTier } from "@ziggurat/contracts";

/**
 * Who asks. Every repository call takes one, so that tenancy is never forgotten.
 * `reach` decides what row-level security lets through: `tenant` its own institution and the shared tiers, `platform` metadata of
 * all institutions, `system` everything (worker, sign-in, sealer; never set from a request).
 */
export interface Viewer {
  readonly userId: string;
  readonly name: string;
  readonly institutionId: string;
  readonly institutionSlug: string;
  readonly roles: readonly Role[];
  readonly scopes: readonly Scope[];
  readonly reach: "tenant" | "platform" | "system";
  readonly requestId: string | null;
  /** Accounts of the people behind a service account: who answers for it, and who made its token. None behind a person's own. */
  readonly behind?: readonly string[];
  /** Of `scopes`, what roles of the institution's own give. */
  readonly customScopes?: readonly Scope[];
  /** Tiers at which the platform lets them work; left out: all. */
  readonly tiers?: readonly SharedTier[];
}

/** The platform acting by itself, for an institution's row. Its name stands in the audit log as the actor. */
export function systemViewer(institutionId: string, institutionSlug: string, name = "system"): Viewer {
  return { userId: "system", name, institutionId, institutionSlug, roles: [], scopes: [], reach: "system", requestId: null };
}

export function hasRole(viewer: Viewer, ...roles: readonly Role[]): boolean {
  return roles.some((role) => viewer.roles.includes(role));
}
