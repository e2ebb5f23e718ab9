import { INSTITUTION_ROLES, PLATFORM_ROLES, type Role, type Violation } from "@ziggurat/contracts";
import { PLATFORM_SLUG } from "../platform/database/ids.js";
import { Refusal } from "../platform/errors/refusal.js";

/** Platform roles belong to the platform's own people, institution roles to an institution's; reviewers and auditors to either. */
export function checkRoles(institutionSlug: string, roles: readonly Role[]): Violation[] {
  const isPlatform = institutionSlug === PLATFORM_SLUG;
  const misplaced = isPlatform ? INSTITUTION_ROLES : PLATFORM_ROLES;
  return roles.flatMap((role, index) =>
    misplaced.includes(role)
      ? [
          {
            code: "role_place",
            detail: isPlatform ? `${role} is a role in an institution` : `${role} is a role of the platform's own people`,
            pointer: `/roles/${index}`,
          },
        ]
      : [],
  );
}

/** Held while members change, so that two last administrators cannot remove each other at the same time. */
export const adminsLock = (institutionId: string): string => `admins of ${institutionId}`;

/** The role without which nobody could let anyone in any more. */
export function adminRole(institutionSlug: string): Role {
  return institutionSlug === PLATFORM_SLUG ? "platform_admin" : "institution_admin";
}

export function lastAdmin(): Refusal {
  return new Refusal("conflict", "The last administrator stays; make someone else one first.", [
    { code: "last_admin", detail: "an institution keeps at least one administrator" },
  ]);
}
