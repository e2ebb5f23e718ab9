import { Injectable } from "@nestjs/common";
import { Member, Role } from "@ziggurat/contracts";
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
  readonly passwordHash: string;
  readonly mustChangePassword: boolean;
  readonly roles: readonly Role[];
}

export interface NewUser {
  readonly id: string;
  readonly institutionId: string;
  readonly email: string;
  readonly name: string;
  readonly passwordHash: string;
  readonly mustChangePassword: boolean;
  readonly roles: readonly Role[];
}

interface AccountRow {
  readonly id: string;
  readonly institution_id: string;
  readonly slug: string;
  readonly institution_name: string;
  readonly email: string;
  readonly name: string;
  readonly password_hash: string;
  readonly must_change_password: boolean;
  readonly roles: string[];
}

const Roles = z.array(Role);
const ACCOUNT = `select u.id, u.institution_id, i.slug, i.name as institution_name, u.email, u.name, u.password_hash, u.must_change_password, u.roles
  from users u join institutions i on i.id = u.institution_id where u.removed_at is null`;

@Injectable()
export class UsersRepository {
  /** Of every institution that has a member of this address, the first to join first. */
  async listByEmail(tx: Tx, email: string): Promise<readonly Account[]> {
    return (await tx.query<AccountRow>(`${ACCOUNT} and u.email = $1 order by u.id`, [email])).map(accountOf);
  }

  async findById(tx: Tx, id: string): Promise<Account | null> {
    const [row] = await tx.query<AccountRow>(`${ACCOUNT} and u.id = $1`, [id]);
    return row === undefined ? null : accountOf(row);
  }

  async isEmpty(tx: Tx): Promise<boolean> {
    return (await tx.query("select 1 from users limit 1")).length === 0;
  }

  async insert(tx: Tx, user: NewUser): Promise<Member> {
    const [row] = await tx.query<MemberRow>(
      `insert into users (id, institution_id, email, name, password_hash, must_change_password, roles)
       values ($1, $2, $3, $4, $5, $6, $7) returning id, email, name, roles, created_at`,
      [user.id, user.institutionId, user.email, user.name, user.passwordHash, user.mustChangePassword, user.roles],
    );
    if (row === undefined) throw new Error("the new user was not answered");
    return memberOf(row);
  }

  async setPassword(tx: Tx, userId: string, passwordHash: string): Promise<void> {
    await tx.query("update users set password_hash = $2, must_change_password = false where id = $1", [userId, passwordHash]);
  }

  /** A password that must be changed at the next sign-in; whoever is signed in is out. */
  async setOneTimePassword(tx: Tx, userId: string, passwordHash: string): Promise<void> {
    await tx.query("update users set password_hash = $2, must_change_password = true where id = $1", [userId, passwordHash]);
    await tx.query("delete from sessions where user_id = $1", [userId]);
  }

  /** Members of one institution in the order they joined, after the given id. */
  async list(tx: Tx, institutionId: string, limit: number, afterId: string): Promise<readonly Member[]> {
    const rows = await tx.query<MemberRow>(
      `select id, email, name, roles, created_at from users
        where institution_id = $1 and removed_at is null and id > $2 order by id limit $3`,
      [institutionId, afterId, limit],
    );
    return rows.map(memberOf);
  }

  async count(tx: Tx, institutionId: string): Promise<number> {
    const [row] = await tx.query<{ n: number }>("select count(*)::int as n from users where institution_id = $1 and removed_at is null", [
      institutionId,
    ]);
    return row?.n ?? 0;
  }

  /** The member, locked until the transaction ends. */
  async findMember(tx: Tx, institutionId: string, userId: string): Promise<Member | null> {
    const [row] = await tx.query<MemberRow>(
      `select id, email, name, roles, created_at from users
        where institution_id = $1 and id = $2 and removed_at is null for update`,
      [institutionId, userId],
    );
    return row === undefined ? null : memberOf(row);
  }

  async setRoles(tx: Tx, userId: string, roles: readonly Role[]): Promise<void> {
    await tx.query("update users set roles = $2 where id = $1", [userId, roles]);
  }

  /** Ends everything the member could still use; the row stays, because records name it. */
  async remove(tx: Tx, userId: string): Promise<void> {
    await tx.query("update users set removed_at = now() where id = $1", [userId]);
    await tx.query("delete from sessions where user_id = $1", [userId]);
    await tx.query("delete from recovery_codes where user_id = $1", [userId]);
    await tx.query("delete from second_factors where user_id = $1", [userId]);
    await tx.query("update tokens set revoked_at = now() where user_id = $1 and revoked_at is null", [userId]);
  }

  /** Other members of the institution who hold this role. */
  async countOthersWithRole(tx: Tx, institutionId: string, userId: string, role: Role): Promise<number> {
    const [row] = await tx.query<{ n: number }>(
      `select count(*)::int as n from users where institution_id = $1 and id <> $2 and removed_at is null and $3 = any(roles)`,
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
  readonly created_at: Date;
}

function memberOf(row: MemberRow): Member {
  return Member.parse({ id: row.id, email: row.email, name: row.name, roles: row.roles, createdAt: row.created_at.toISOString() });
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
  };
}
