import { Injectable } from "@nestjs/common";
import { Member, Role, Scope, SHARED_TIERS, SharedTier } from "@ziggurat/contracts";
import { z } from "zod";
import type { Tx } from "../platform/database/unit-of-work.js";

/** A user as sign-in needs it. Never answered to anyone. */
export interface Account {
  readonly id: string;
  readonly institutionId: string;
  readonly institutionSlug: string;
  readonly institutionName: string;
  readonly email: string;
  readonly name: string;
  /** Null for somebody whom a directory sent and nobody gave a password. */
  readonly passwordHash: string | null;
  readonly mustChangePassword: boolean;
  readonly roles: readonly Role[];
  /** Tiers an engineer works at; null: every one. */
  readonly tiers: readonly SharedTier[] | null;
  /** What roles of the institution's own give. */
  readonly customScopes: readonly Scope[];
}

export interface NewUser {
  readonly id: string;
  readonly institutionId: string;
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string | null;
  readonly mustChangePassword: boolean;
  readonly roles: readonly Role[];
  /** Null: all, or none to speak of. */
  readonly tiers: readonly SharedTier[] | null;
}

interface AccountRow {
  readonly id: string;
  readonly institution_id: string;
  readonly slug: string;
  readonly institution_name: string;
  readonly email: string;
  readonly name: string;
  readonly password_hash: string | null;
  readonly must_change_password: boolean;
  readonly roles: string[];
  readonly tiers: string[] | null;
  readonly custom_scopes: string[];
}

const Roles = z.array(Role);
const ACCOUNT = `select u.id, u.institution_id, i.slug, i.name as institution_name, u.email, u.name, u.password_hash, u.must_change_password, u.roles, u.tiers,
    coalesce((select array_agg(distinct scope) from role_holders h join custom_roles r on r.id = h.role_id and r.removed_at is null,
      unnest(r.scopes) scope where h.user_id = u.id), '{}') as custom_scopes
  from users u join institutions i on i.id = u.institution_id where u.removed_at is null`;
/** A member with the names of the institution's own roles that they hold. */
const MEMBER = `id, email, name, roles, tiers, created_at, (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name) order by r.name), '[]')
  from role_holders h join custom_roles r on r.id = h.role_id and r.removed_at is null where h.user_id = users.id) as custom_roles`;

@Injectable()
export class UsersRepository {
  /** Of every institution that has a member of this address, the first to join first. */
  async listByEmail(tx: Tx, email: string): Promise<readonly Account[]> {
    return (await tx.query<AccountRow>(`${ACCOUNT} and u.email = $1 and u.kind = 'person' order by u.id`, [email])).map(accountOf);
  }

  async findById(tx: Tx, id: string): Promise<Account | null> {
    const [row] = await tx.query<AccountRow>(`${ACCOUNT} and u.id = $1`, [id]);
    return row === undefined ? null : accountOf(row);
  }

  /** From now on known to be one person's, with all that were known to be theirs before. @param fresh names the person where none was known */
  async joinAccounts(tx: Tx, userIds: readonly string[], fresh: string): Promise<void> {
    await tx.query(
      `with known as (select person from users where id = any($1) and person is not null)
       update users set person = coalesce((select min(person) from known), $2)
       where id = any($1) or person in (select person from known)`,
      [userIds, fresh],
    );
  }

  /** Whether the institution takes members in; one that leaves does not. It neither begins to nor stops until the transaction ends. */
  async letsIn(tx: Tx, institutionId: string): Promise<boolean> {
    return (await tx.query("select from institutions where id = $1 and state = 'active' for key share", [institutionId])).length > 0;
  }

  async isEmpty(tx: Tx): Promise<boolean> {
    return (await tx.query("select 1 from users limit 1")).length === 0;
  }

  async insert(tx: Tx, user: NewUser): Promise<Member> {
    const [row] = await tx.query<MemberRow>(
      `insert into users (id, institution_id, email, name, password_hash, must_change_password, roles, tiers)
       values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${MEMBER}`,
      [user.id, user.institutionId, user.email, user.name, user.passwordHash, user.mustChangePassword, user.roles, user.tiers],
    );
    if (row === undefined) throw new Error("the new user was not answered");
    return memberOf(row);
  }

  async setPassword(tx: Tx, userId: string, passwordHash: string, mustChange = false): Promise<void> {
    await tx.query("update users set password_hash = $2, must_change_password = $3 where id = $1", [userId, passwordHash, mustChange]);
  }

  /** Whoever was in by the old one is out. */
  async givePassword(tx: Tx, userId: string, passwordHash: string): Promise<void> {
    await this.setPassword(tx, userId, passwordHash, true);
    await tx.query("delete from sessions where user_id = $1", [userId]);
  }

  /** Members of one institution in the order they joined, after the given id. */
  async list(tx: Tx, institutionId: string, limit: number, afterId: string): Promise<readonly Member[]> {
    const rows = await tx.query<MemberRow>(
      `select ${MEMBER} from users
        where institution_id = $1 and removed_at is null and kind = 'person' and id > $2 order by id limit $3`,
      [institutionId, afterId, limit],
    );
    return rows.map(memberOf);
  }

  async count(tx: Tx, institutionId: string): Promise<number> {
    const [row] = await tx.query<{ n: number }>(
      "select count(*)::int as n from users where institution_id = $1 and removed_at is null and kind = 'person'",
      [institutionId],
    );
    return row?.n ?? 0;
  }

  /** The member, locked until the transaction ends. */
  async findMember(tx: Tx, institutionId: string, userId: string): Promise<Member | null> {
    const [row] = await tx.query<MemberRow>(
      `select ${MEMBER} from users
        where institution_id = $1 and id = $2 and removed_at is null and kind = 'person' for update`,
      [institutionId, userId],
    );
    return row === undefined ? null : memberOf(row);
  }

  async setRoles(tx: Tx, userId: string, roles: readonly Role[], tiers: readonly SharedTier[] | null): Promise<void> {
    await tx.query("update users set roles = $2, tiers = $3 where id = $1", [userId, roles, tiers]);
  }

  /** Ends everything the member could still use; the row stays, because records name it. */
  async remove(tx: Tx, userId: string): Promise<void> {
    await tx.query("update users set removed_at = now() where id = $1", [userId]);
    await tx.query("delete from sessions where user_id = $1", [userId]);
    await tx.query("delete from recovery_codes where user_id = $1", [userId]);
    await tx.query("delete from second_factors where user_id = $1", [userId]);
    await tx.query("delete from passkeys where user_id = $1", [userId]);
    await tx.query("update tokens set revoked_at = now() where user_id = $1 and revoked_at is null", [userId]);
  }

  /** A new address takes the password with it: its hash was not made beside those that the new address has elsewhere. */
  async setProfile(tx: Tx, userId: string, email: string, name: string): Promise<void> {
    await tx.query(
      `update users set email = $2, name = $3, password_hash = case when email = $2 then password_hash end,
         must_change_password = must_change_password and email = $2 where id = $1`,
      [userId, email, name],
    );
  }

  /** A removed member who is back, with these roles; what they signed in with before is gone. */
  async bringBack(tx: Tx, userId: string, roles: readonly Role[]): Promise<void> {
    await tx.query("update users set removed_at = null, password_hash = null, must_change_password = false, roles = $2 where id = $1", [
      userId,
      roles,
    ]);
  }

  /** Members of the institution who hold this role. */
  async countWithRole(tx: Tx, institutionId: string, role: Role): Promise<number> {
    return this.countOthersWithRole(tx, institutionId, "", role);
  }

  /** Other members of the institution who hold this role and can sign in when no provider answers. */
  async countOthersWithRole(tx: Tx, institutionId: string, userId: string, role: Role): Promise<number> {
    const [row] = await tx.query<{ n: number }>(
      `select count(*)::int as n from users u where institution_id = $1 and id <> $2 and removed_at is null and $3 = any(roles)
          and not exists (select from federated_identities f where f.user_id = u.id)
          and (u.password_hash is not null or exists (select from passkeys p where p.user_id = u.id))`,
      [institutionId, userId, role],
    );
    return row?.n ?? 0;
  }
}

interface MemberRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly roles: string[];
  readonly tiers: string[] | null;
  readonly custom_roles: unknown;
  readonly created_at: Date;
}

/** Tiers mean something to engineers alone. */
export function tiersOf({ roles, tiers }: { readonly roles: readonly string[]; readonly tiers: readonly string[] | null }): SharedTier[] {
  return roles.includes("platform_engineer") ? SHARED_TIERS.filter((tier) => tiers === null || tiers.includes(tier)) : [];
}

function memberOf(row: MemberRow): Member {
  const { id, email, name, roles, custom_roles: customRoles } = row;
  return Member.parse({ id, email, name, roles, customRoles, tiers: tiersOf(row), createdAt: row.created_at.toISOString() });
}

function accountOf(row: AccountRow): Account {
  return {
    id: row.id,
    institutionId: row.institution_id,
    institutionSlug: row.slug,
    institutionName: row.institution_name,
    email: row.email,
    name: row.name,
    passwordHash: row.password_hash,
    mustChangePassword: row.must_change_password,
    roles: Roles.parse(row.roles),
    tiers: row.tiers === null ? null : row.tiers.map((tier) => SharedTier.parse(tier)),
    customScopes: row.custom_scopes.map((scope) => Scope.parse(scope)),
  };
}
