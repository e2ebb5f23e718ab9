import { Injectable } from "@nestjs/common";
import { type Role, ServiceAccount, type SharedTier } from "@ziggurat/contracts";
import { tiersOf } from "../identity/users.repository.js";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface NewServiceAccount {
  readonly id: string;
  readonly institutionId: string;
  readonly name: string;
  readonly purpose: string;
  readonly responsible: string;
  readonly roles: readonly Role[];
  readonly tiers: readonly SharedTier[] | null;
}

interface ServiceRow {
  readonly id: string;
  readonly name: string;
  readonly purpose: string;
  readonly responsible_id: string;
  readonly responsible_name: string;
  readonly is_active: boolean;
  readonly roles: string[];
  readonly tiers: string[] | null;
  readonly custom_roles: unknown;
  readonly tokens: number;
  readonly last_used_at: Date | null;
  readonly created_at: Date;
  readonly created_by: string;
}

const SELECT = `select u.id, u.name, s.purpose, s.responsible_id, r.name as responsible_name, r.removed_at is null as is_active, u.roles, u.tiers,
    (select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name) order by c.name), '[]')
      from role_holders h join custom_roles c on c.id = h.role_id and c.removed_at is null where h.user_id = u.id) as custom_roles,
    (select count(*)::int from tokens t where t.user_id = u.id and t.revoked_at is null and t.expires_at > now()) as tokens,
    (select max(t.last_used_at) from tokens t where t.user_id = u.id) as last_used_at, s.created_at, s.created_by
  from service_accounts s join users u on u.id = s.user_id and u.removed_at is null join users r on r.id = s.responsible_id
  where s.institution_id = $1`;

/** Programs that work for an institution, as accounts without a password. */
@Injectable()
export class ServiceAccountsRepository {
  async list(tx: Tx, institutionId: string, limit: number, afterId: string): Promise<ServiceAccount[]> {
    return (await tx.query<ServiceRow>(`${SELECT} and s.user_id > $2 order by s.user_id limit $3`, [institutionId, afterId, limit])).map(
      serviceOf,
    );
  }

  async count(tx: Tx, institutionId: string): Promise<number> {
    const [row] = await tx.query<{ n: number }>(
      "select count(*)::int as n from service_accounts s join users u on u.id = s.user_id where s.institution_id = $1 and u.removed_at is null",
      [institutionId],
    );
    return row?.n ?? 0;
  }

  async find(tx: Tx, institutionId: string, id: string): Promise<ServiceAccount | null> {
    const [row] = await tx.query<ServiceRow>(`${SELECT} and s.user_id = $2`, [institutionId, id]);
    return row === undefined ? null : serviceOf(row);
  }

  async lock(tx: Tx, institutionId: string, id: string): Promise<ServiceAccount | null> {
    await tx.query("select 1 from users where institution_id = $1 and id = $2 for update", [institutionId, id]);
    return this.find(tx, institutionId, id);
  }

  /** Its address is its id, which nobody can type into a sign-in; its password is none. */
  async insert(tx: Tx, account: NewServiceAccount): Promise<void> {
    await tx.query(
      `insert into users (id, institution_id, email, name, password_hash, roles, tiers, kind) values ($1, $2, $1, $3, '', $4, $5, 'service')`,
      [account.id, account.institutionId, account.name, account.roles, account.tiers],
    );
    await tx.query(
      "insert into service_accounts (user_id, institution_id, purpose, responsible_id, created_by) values ($1, $2, $3, $4, $5)",
      [account.id, account.institutionId, account.purpose, account.responsible, tx.viewer.name],
    );
  }

  async change(tx: Tx, { id, name, purpose, responsible, roles, tiers }: NewServiceAccount): Promise<void> {
    await tx.query("update users set name = $2, roles = $3, tiers = $4 where id = $1", [id, name, roles, tiers]);
    await tx.query("update service_accounts set purpose = $2, responsible_id = $3 where user_id = $1", [id, purpose, responsible]);
  }

  /** Names of the programs that this person answers for. */
  async namesBehind(tx: Tx, userId: string): Promise<string[]> {
    const rows = await tx.query<{ name: string }>(
      `select u.name from service_accounts s join users u on u.id = s.user_id
       where s.responsible_id = $1 and u.removed_at is null order by u.name`,
      [userId],
    );
    return rows.map(({ name }) => name);
  }

  /** A member who can answer for a program: a person, of this institution, who has not left; kept from leaving until the end. */
  async responsible(tx: Tx, institutionId: string, userId: string): Promise<boolean> {
    const rows = await tx.query(
      "select 1 from users where institution_id = $1 and id = $2 and kind = 'person' and removed_at is null for share",
      [institutionId, userId],
    );
    return rows.length === 1;
  }
}

function serviceOf(row: ServiceRow): ServiceAccount {
  const { id, name, purpose, roles, tokens } = row;
  return ServiceAccount.parse({
    id,
    name,
    purpose,
    responsible: { id: row.responsible_id, name: row.responsible_name },
    isActive: row.is_active,
    roles,
    customRoles: row.custom_roles,
    tiers: tiersOf(row),
    tokens,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
  });
}
