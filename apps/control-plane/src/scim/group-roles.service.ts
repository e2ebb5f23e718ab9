import { isDeepStrictEqual } from "node:util";
import { Injectable } from "@nestjs/common";
import type { Role, RoleName } from "@ziggurat/contracts";
import { type BuiltIn, builtInByGroups } from "@ziggurat/institution";
import { tiersOf, UsersRepository } from "../identity/users.repository.js";
import { adminRole, adminsLock, lastAdmin } from "../institutions/check-membership.js";
import { RolesRepository } from "../institutions/roles.repository.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import { type HeldPerson, ScimUsersRepository } from "./scim-users.repository.js";

/** Keeps what people hold to what their groups give. */
@Injectable()
export class GroupRoles {
  constructor(
    private readonly users: UsersRepository,
    private readonly people: ScimUsersRepository,
    private readonly roles: RolesRepository,
  ) {}

  /**
   * Runs a change of people or groups. One at a time in each institution, so that none is worked out from what another changes, and
   * refused where it would leave the institution without an administrator that it had.
   */
  async changing<T>(tx: Tx, change: () => Promise<T>): Promise<T> {
    const { institutionId, institutionSlug } = tx.viewer;
    await tx.query("select pg_advisory_xact_lock(hashtext($1))", [adminsLock(institutionId)]);
    const count = () => this.users.countWithRole(tx, institutionId, adminRole(institutionSlug));
    const before = await count();
    const answer = await change();
    if (before > 0 && (await count()) === 0) throw lastAdmin();
    return answer;
  }

  /** Works out anew what these people hold. Who may not sign in holds nothing until they are back. */
  async follow(tx: Tx, userIds: readonly string[]): Promise<void> {
    const people = userIds.length === 0 ? [] : (await this.people.held(tx, userIds)).filter(({ isActive }) => isActive);
    if (people.length === 0) return;
    const before = await this.holdCustomRoles(tx, people);
    const now = await this.roles.heldBy(
      tx,
      people.map(({ id }) => id),
    );
    const changes = people.map((person) => ({ person, after: builtInByGroups(person.held, person.byGroups, person.given) }));
    for (const { person, after } of changes) {
      const isSame = sameSets(after.held, person.held) && sameSets(after.byGroups, person.byGroups);
      if (!isSame) await this.people.setHeld(tx, person.id, after.held, after.byGroups);
    }
    await tx.auditAll(
      changes
        .map(({ person: { id, held }, after }) => ({ id, before: shown(held, before(id)), after: shown(after.held, now(id)) }))
        .filter((change) => !isDeepStrictEqual(change.before, change.after))
        .map(({ id, before, after }) => ({
          institutionId: tx.viewer.institutionId,
          action: "member.roles" as const,
          object: id,
          reason: "by groups of the directory",
          before,
          after,
        })),
    );
  }

  /** Lets a person in again, for what their groups give and no more: what somebody once gave by hand is given by hand again. @returns that */
  async bringBack(tx: Tx, userId: string): Promise<readonly Role[]> {
    const [person] = await this.people.held(tx, [userId]);
    if (person === undefined) throw new Error("whoever comes back was not found");
    const { roles, tiers } = person.given;
    await this.users.bringBack(tx, userId, roles);
    const isEngineer = roles.includes("platform_engineer");
    await this.people.setHeld(tx, userId, { roles, tiers: isEngineer ? (tiers ?? person.held.tiers) : null }, { roles, tiers });
    await this.roles.hold(tx, tx.viewer.institutionId, userId, []);
    await this.holdCustomRoles(tx, [person]);
    return roles;
  }

  /** Roles of the institution's own, as the groups of these people give them. @returns what they held before */
  private async holdCustomRoles(tx: Tx, people: readonly HeldPerson[]) {
    const ids = people.map(({ id }) => id);
    const before = await this.roles.heldBy(tx, ids);
    const given = people.flatMap(({ id, given: { customRoles } }) => customRoles.map((roleId) => ({ userId: id, roleId })));
    await this.roles.holdByGroups(tx, "directory", ids, given);
    return before;
  }
}

/** As the audit log has it, in an order that does not change by itself. */
function shown({ roles, tiers }: BuiltIn, customRoles: readonly RoleName[]) {
  return { roles: [...roles].sort(), customRoles, tiers: tiersOf({ roles, tiers }) };
}

function sameSets(one: BuiltIn, other: BuiltIn): boolean {
  const sorted = (list: readonly string[] | null) => (list === null ? null : [...list].sort());
  return isDeepStrictEqual([sorted(one.roles), sorted(one.tiers)], [sorted(other.roles), sorted(other.tiers)]);
}
