import { Injectable } from "@nestjs/common";
import { Role } from "@ziggurat/contracts";
import { rolesByGroups } from "@ziggurat/institution";
import { UsersRepository } from "../identity/users.repository.js";
import { adminRole, adminsLock, lastAdmin } from "../institutions/check-membership.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import { ScimUsersRepository } from "./scim-users.repository.js";

/** Keeps what people hold to what their groups give. */
@Injectable()
export class GroupRoles {
  constructor(
    private readonly users: UsersRepository,
    private readonly people: ScimUsersRepository,
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
    if (userIds.length === 0) return;
    const changes = (await this.people.heldRoles(tx, userIds)).flatMap((row) => {
      if (!row.is_active) return [];
      const { roles, byGroups } = rolesByGroups({ roles: row.roles, byGroups: row.by_groups }, row.given);
      const isSame = sorted(roles) === sorted(row.roles) && sorted(byGroups) === sorted(row.by_groups);
      return isSame ? [] : [{ row, roles, byGroups }];
    });
    for (const { row, roles, byGroups } of changes) await this.people.setHeldRoles(tx, row.id, roles, byGroups);
    await tx.auditAll(
      changes
        .filter(({ row, roles }) => sorted(roles) !== sorted(row.roles))
        .map(({ row, roles }) => ({
          institutionId: tx.viewer.institutionId,
          action: "member.roles",
          object: row.id,
          reason: "by groups of the directory",
          before: { roles: row.roles },
          after: { roles },
        })),
    );
  }

  /** Lets a person in again, for what their groups give and no more: what somebody once gave by hand is given by hand again. @returns that */
  async bringBack(tx: Tx, userId: string): Promise<readonly Role[]> {
    const [row] = await this.people.heldRoles(tx, [userId]);
    const given = (row?.given ?? []).map((role) => Role.parse(role));
    await this.users.bringBack(tx, userId, given);
    await this.people.setHeldRoles(tx, userId, given, given);
    return given;
  }
}

const sorted = (roles: readonly string[]): string => [...roles].sort().join(" ");
