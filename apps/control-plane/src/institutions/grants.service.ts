import { Injectable } from "@nestjs/common";
import type { Grant, Institution, RoleName, Violation } from "@ziggurat/contracts";
import type { Tx } from "../platform/database/unit-of-work.js";
import { hasRole } from "../platform/database/viewer.js";
import { hidden, Refusal, refuseIfAny } from "../platform/errors/refusal.js";
import { checkNotMore, checkNotOneself, checkService, checkSome, checkTiers, type Held } from "./check-grant.js";
import { checkRoles } from "./check-membership.js";
import { InstitutionsRepository } from "./institutions.repository.js";
import { RolesRepository } from "./roles.repository.js";

/** What may be given to a person or a program of an institution, by whom. */
@Injectable()
export class Grants {
  constructor(
    private readonly institutions: InstitutionsRepository,
    private readonly roles: RolesRepository,
  ) {}

  async visible(tx: Tx, slug: string): Promise<Institution> {
    const institution = await this.institutions.find(tx, slug);
    if (institution === null) throw hidden();
    return institution;
  }

  /** An institution whose people the viewer manages. */
  async manageable(tx: Tx, slug: string): Promise<Institution> {
    const institution = await this.visible(tx, slug);
    if (!hasRole(tx.viewer, "platform_admin") && !(hasRole(tx.viewer, "institution_admin") && tx.viewer.institutionId === institution.id)) {
      throw new Refusal("denied", "Members are managed by administrators.");
    }
    return institution;
  }

  /** The viewer's own, where they are an administrator: what acts for an institution is made there and nowhere else. */
  async own(tx: Tx, slug: string): Promise<Institution> {
    const institution = await this.manageable(tx, slug);
    if (institution.id !== tx.viewer.institutionId) throw new Refusal("denied", "Its own administrators do this.");
    return institution;
  }

  /** Every reason against giving this. @returns the institution's own roles by name, kept from being removed until the end */
  async check(
    tx: Tx,
    institution: Institution,
    wanted: Held,
    before: Held | null,
    { holder = "person", isOneself = false }: { readonly holder?: Holder; readonly isOneself?: boolean } = {},
  ): Promise<RoleName[]> {
    const { violations, named } = await this.judge(tx, institution, [{ wanted, before, isOneself, at: "" }], holder);
    refuseIfAny(violations);
    return named;
  }

  /** The same of several at once, without a refusal: whoever asks may have reasons of their own. */
  async judge(tx: Tx, institution: Institution, given: readonly Given[], holder: Holder): Promise<Judged> {
    const found = await this.roles.named(tx, institution.id, unique(given.flatMap(({ wanted }) => wanted.customRoles)));
    const scopesOf = (id: string) => found.find((role) => role.id === id)?.scopes ?? [];
    const each = (check: (one: Given) => Violation[]): Violation[] =>
      given.flatMap((one) => check(one).map((violation) => ({ ...violation, pointer: one.at + (violation.pointer ?? "") })));
    const misplaced = each(({ wanted }) => checkRoles(institution.slug, wanted.roles));
    const broken = each(({ wanted, before, isOneself = false }) => [
      ...HOLDER_CHECKS[holder](wanted),
      ...wanted.customRoles.flatMap((id, index): Violation[] =>
        found.some((role) => role.id === id)
          ? []
          : [{ code: "role_unknown", detail: "there is no such role here", pointer: `/customRoles/${index}` }],
      ),
      ...checkTiers(wanted, before),
      ...checkNotMore(tx.viewer.scopes, wanted, before, scopesOf),
      ...(isOneself ? checkNotOneself(wanted, before ?? NOTHING_HELD, scopesOf) : []),
    ]);
    return { violations: misplaced.length > 0 ? misplaced : broken, named: found.map(({ id, name }) => ({ id, name })) };
  }
}

export interface Judged {
  readonly violations: readonly Violation[];
  /** The institution's own roles among what was asked for. */
  readonly named: RoleName[];
}

/** Who is given something: a person, a program, or the people of a group. */
export type Holder = "person" | "service" | "group";

const HOLDER_CHECKS: Readonly<Record<Holder, (wanted: Held) => Violation[]>> = {
  person: checkSome,
  service: ({ roles }) => checkService(roles),
  // A group may give nothing, which is where it begins.
  group: () => [],
};

const NOTHING_HELD: Held = { roles: [], customRoles: [], tiers: null };

/** One of several grants, and where it stands in the request. */
export interface Given {
  readonly wanted: Held;
  readonly before: Held | null;
  /** The viewer would have it by this. */
  readonly isOneself?: boolean;
  readonly at: string;
}

/** What somebody, or the people of a group, shall hold, with what they held where nothing is said. */
export function wantedOf({ roles, customRoles, tiers }: Grant, before: Held | null): Held {
  const isEngineer = roles.includes("platform_engineer");
  return {
    roles: unique(roles),
    customRoles: unique(customRoles ?? before?.customRoles ?? []),
    tiers: tiers === undefined ? (isEngineer && before?.tiers) || null : unique(tiers),
  };
}

/** Each once, in the order given. */
export const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];
