import { ADMIN_ROLES, type Role, SCOPES_OF_ROLE, type Scope, type SharedTier, scopesToGive, type Violation } from "@ziggurat/contracts";
import { PLATFORM_SLUG } from "../platform/database/ids.js";

/** What somebody holds, or shall hold: built-in roles, the institution's own by id, and the tiers of an engineer. */
export interface Held {
  readonly roles: readonly Role[];
  readonly customRoles: readonly string[];
  readonly tiers: readonly SharedTier[] | null;
}

/** Code `role_exceeds`: whoever gives a role holds what it gives; what somebody held before is not given. */
export function checkNotMore(
  giver: readonly Scope[],
  wanted: Held,
  before: Held | null,
  scopesOf: (id: string) => readonly Scope[],
): Violation[] {
  const more = (given: readonly Scope[], name: string, pointer: string): Violation[] => {
    const missing = given.filter((scope) => !giver.includes(scope));
    return missing.length === 0
      ? []
      : [{ code: "role_exceeds", detail: `${name} gives ${missing.join(", ")}, which you do not have yourself`, pointer }];
  };
  return [
    ...wanted.roles.flatMap((role, index) => (before?.roles.includes(role) ? [] : more(SCOPES_OF_ROLE[role], role, `/roles/${index}`))),
    ...wanted.customRoles.flatMap((id, index) =>
      before?.customRoles.includes(id) ? [] : more(scopesOf(id), "the role", `/customRoles/${index}`),
    ),
  ];
}

/**
 * Code `role_to_oneself`: nobody makes themselves somebody who releases, by a built-in role or one of the institution's own; an administrator
 * would approve by being one. What they held before is not given.
 */
export function checkNotOneself(wanted: Held, before: Held, scopesOf: (id: string) => readonly Scope[]): Violation[] {
  const releases = (scopes: readonly Scope[]) => scopes.includes("models:release");
  return [
    ...wanted.roles.flatMap((role, index) =>
      !before.roles.includes(role) && !ADMIN_ROLES.includes(role) && releases(SCOPES_OF_ROLE[role]) ? [toOneself(`/roles/${index}`)] : [],
    ),
    ...wanted.customRoles.flatMap((id, index) =>
      !before.customRoles.includes(id) && releases(scopesOf(id)) ? [toOneself(`/customRoles/${index}`)] : [],
    ),
  ];
}

export const toOneself = (pointer: string): Violation => ({
  code: "role_to_oneself",
  detail: "nobody makes themselves somebody who releases; another administrator does",
  pointer,
});

/** Code `tiers_required`: at which tiers a new engineer works must be said; `tiers_of_nobody`: tiers are said of engineers alone. */
export function checkTiers({ roles, tiers }: Held, before: Held | null): Violation[] {
  const isEngineer = roles.includes("platform_engineer");
  const isNew = isEngineer && before?.roles.includes("platform_engineer") !== true;
  if (isNew && tiers === null) return [{ code: "tiers_required", detail: "say at which tiers the engineer works", pointer: "/tiers" }];
  return !isEngineer && tiers !== null ? [{ code: "tiers_of_nobody", detail: "only engineers work at tiers", pointer: "/tiers" }] : [];
}

/** Code `role_manages_people`: a program holds none of those. */
export function checkService(roles: readonly Role[]): Violation[] {
  return roles.flatMap((role, index) =>
    ADMIN_ROLES.includes(role)
      ? [{ code: "role_manages_people", detail: `${role} manages people; a service account does not`, pointer: `/roles/${index}` }]
      : [],
  );
}

/** Code `role_required`: a member holds something. A program without roles may do nothing, which is where it begins. */
export function checkSome({ roles, customRoles }: Held): Violation[] {
  return roles.length + customRoles.length > 0
    ? []
    : [{ code: "role_required", detail: "a member holds at least one role", pointer: "/roles" }];
}

/** Codes `scope_not_giveable`: no built-in role of the place gives it, or it manages people; `role_exceeds`: its author does not have it. */
export function checkRoleScopes(institutionSlug: string, scopes: readonly Scope[], author: readonly Scope[]): Violation[] {
  const giveable = scopesToGive(institutionSlug === PLATFORM_SLUG);
  return scopes.flatMap((scope, index): Violation[] => {
    const pointer = `/scopes/${index}`;
    if (!giveable.includes(scope)) return [{ code: "scope_not_giveable", detail: `${scope} cannot be given by a role made here`, pointer }];
    return author.includes(scope) ? [] : [{ code: "role_exceeds", detail: `you do not have the scope ${scope} yourself`, pointer }];
  });
}
