import { Injectable } from "@nestjs/common";
import type { Institution, RoleName, Violation } from "@ziggurat/contracts";
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
    { isService = false, isOneself = false } = {},
  ): Promise<RoleName[]> {
    const scopesOf = (id: string) => named.find((role) => role.id === id)?.scopes ?? [];
    const named = await this.roles.named(tx, institution.id, wanted.customRoles);
    const unknown = wanted.customRoles.flatMap((id, index): Violation[] =>
      named.some((role) => role.id === id)
        ? []
        : [{ code: "role_unknown", detail: "there is no such role here", pointer: `/customRoles/${index}` }],
    );
    refuseIfAny(checkRoles(institution.slug, wanted.roles));
    refuseIfAny([
      ...(isService ? checkService(wanted.roles) : checkSome(wanted)),
      ...unknown,
      ...checkTiers(wanted, before),
      ...checkNotMore(tx.viewer.scopes, wanted, before, scopesOf),
      ...(isOneself && before !== null ? checkNotOneself(wanted, before, scopesOf) : []),
    ]);
    return named.map(({ id, name }) => ({ id, name }));
  }
}

/** Each once, in the order given. */
export const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];
