import { Injectable } from "@nestjs/common";
import { CustomRole, type RoleName, type Scope } from "@ziggurat/contracts";
import type { Tx } from "../platform/database/unit-of-work.js";

interface RoleRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly scopes: Scope[];
  readonly holders: number;
  readonly created_by: string;
  readonly created_at: Date;
  readonly changed_at: Date | null;
}

/** Somebody who holds a role, with all that they hold besides. */
export interface HolderRow {
  readonly id: string;
  readonly name: string;
  readonly is_service: boolean;
  readonly roles: string[];
  /** What their other roles of the institution's own give. */
  readonly others: Scope[];
}

const SELECT = `select r.id, r.name, r.description, r.scopes, r.created_by, r.created_at, r.changed_at,
    (select count(*)::int from role_holders h join users u on u.id = h.user_id where h.role_id = r.id and u.removed_at is null) as holders
  from custom_roles r where r.institution_id = $1 and r.removed_at is null`;

/** Roles that an institution made for itself, and who holds them. */
@Injectable()
export class RolesRepository {
  async list(tx: Tx, institutionId: string, limit: number, afterId: string): Promise<CustomRole[]> {
    return (await tx.query<RoleRow>(`${SELECT} and r.id > $2 order by r.id limit $3`, [institutionId, afterId, limit])).map(roleOf);
  }

  async count(tx: Tx, institutionId: string): Promise<number> {
    const [row] = await tx.query<{ n: number }>(
      "select count(*)::int as n from custom_roles where institution_id = $1 and removed_at is null",
      [institutionId],
    );
    return row?.n ?? 0;
  }

  async find(tx: Tx, institutionId: string, id: string): Promise<CustomRole | null> {
    const [row] = await tx.query<RoleRow>(`${SELECT} and r.id = $2`, [institutionId, id]);
    return row === undefined ? null : roleOf(row);
  }

  /** Nobody is given it, and nobody changes it, until this transaction ends. */
  async lock(tx: Tx, institutionId: string, id: string): Promise<CustomRole | null> {
    await tx.query("select 1 from custom_roles where institution_id = $1 and id = $2 for update", [institutionId, id]);
    return this.find(tx, institutionId, id);
  }

  async named(tx: Tx, institutionId: string, ids: readonly string[]): Promise<(RoleName & { readonly scopes: readonly Scope[] })[]> {
    if (ids.length === 0) return [];
    return tx.query(
      "select id, name, scopes from custom_roles where institution_id = $1 and id = any($2) and removed_at is null order by id for share",
      [institutionId, ids],
    );
  }

  async insert(tx: Tx, id: string, institutionId: string, role: Pick<CustomRole, "name" | "description" | "scopes">): Promise<void> {
    await tx.query("insert into custom_roles (id, institution_id, name, description, scopes, created_by) values ($1, $2, $3, $4, $5, $6)", [
      id,
      institutionId,
      role.name,
      role.description,
      role.scopes,
      tx.viewer.name,
    ]);
  }

  async change(tx: Tx, role: Pick<CustomRole, "id" | "name" | "description" | "scopes">): Promise<void> {
    await tx.query("update custom_roles set name = $2, description = $3, scopes = $4, changed_at = now() where id = $1", [
      role.id,
      role.name,
      role.description,
      role.scopes,
    ]);
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.query("update custom_roles set removed_at = now() where id = $1", [id]);
  }

  holders(tx: Tx, roleId: string): Promise<HolderRow[]> {
    return tx.query<HolderRow>(
      `select u.id, u.name, u.kind = 'service' as is_service, u.roles, coalesce((select array_agg(distinct scope)
           from role_holders o join custom_roles r on r.id = o.role_id and r.removed_at is null, unnest(r.scopes) scope
           where o.user_id = u.id and o.role_id <> $1), '{}') as others
       from role_holders h join users u on u.id = h.user_id where h.role_id = $1 and u.removed_at is null order by u.name, u.id`,
      [roleId],
    );
  }

  /** Exactly these from now on. */
  async hold(tx: Tx, institutionId: string, userId: string, roleIds: readonly string[]): Promise<void> {
    await tx.query("delete from role_holders where user_id = $1 and role_id <> all($2)", [userId, roleIds]);
    await tx.query(
      `insert into role_holders (user_id, role_id, institution_id, given_by) select $1, id, $3, $4 from unnest($2::text[]) as wanted (id)
       on conflict do nothing`,
      [userId, roleIds, institutionId, tx.viewer.name],
    );
  }
}

function roleOf(row: RoleRow): CustomRole {
  const { id, name, description, scopes, holders, created_by: createdBy, created_at: at, changed_at: changedAt } = row;
  const changed = changedAt?.toISOString() ?? null;
  return CustomRole.parse({ id, name, description, scopes, holders, createdAt: at.toISOString(), createdBy, changedAt: changed });
}
