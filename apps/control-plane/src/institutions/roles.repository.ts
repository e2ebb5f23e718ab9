import { Injectable } from "@nestjs/common";
import { CustomRole, type RoleName, type Scope } from "@ziggurat/contracts";
import type { Tx } from "../platform/database/unit-of-work.js";

interface RoleRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly scopes: Scope[];
  readonly holders: number;
  readonly groups: number;
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
    (select count(*)::int from role_holders h join users u on u.id = h.user_id where h.role_id = r.id and u.removed_at is null) as holders,
    groups_giving(r.id) as groups
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

  /** Exactly these from now on, by an administrator's word; what groups gave before is theirs to take away, and to give again. */
  async hold(tx: Tx, institutionId: string, userId: string, roleIds: readonly string[]): Promise<void> {
    await tx.query("delete from role_holders where user_id = $1 and role_id <> all($2)", [userId, roleIds]);
    await tx.query(
      `insert into role_holders (user_id, role_id, institution_id, given_by) select $1, id, $3, $4 from unnest($2::text[]) as wanted (id)
       on conflict do nothing`,
      [userId, roleIds, institutionId, tx.viewer.name],
    );
  }

  /**
   * What groups of one kind give these people is exactly this from now on; what they hold by another word stays. Of an institution that is
   * leaving nobody is given anything new.
   */
  async holdByGroups(tx: Tx, source: GroupSource, userIds: readonly string[], given: readonly HeldRole[]): Promise<void> {
    const parameters = [userIds, source, given.map(({ userId }) => userId), given.map(({ roleId }) => roleId)];
    const isOver = `h.user_id = any($1) and $2::text = any(h.sources)
      and not exists (select from unnest($3::text[], $4::text[]) as given (user_id, role_id) where (given.user_id, given.role_id) = (h.user_id, h.role_id))`;
    await tx.query(`delete from role_holders h where ${isOver} and cardinality(h.sources) = 1`, parameters);
    await tx.query(`update role_holders h set sources = array_remove(h.sources, $2::text) where ${isOver}`, parameters);
    if (given.length === 0) return;
    await tx.query(
      `insert into role_holders (user_id, role_id, institution_id, given_by, sources)
       select given.user_id, r.id, r.institution_id, $4, array[$1::text] from unnest($2::text[], $3::text[]) as given (user_id, role_id)
         join custom_roles r on r.id = given.role_id and r.removed_at is null join institutions i on i.id = r.institution_id and i.state = 'active'
       on conflict (user_id, role_id) do update set sources = role_holders.sources || excluded.sources
         where not role_holders.sources @> excluded.sources`,
      [...parameters.slice(1), tx.viewer.name],
    );
  }

  /** What people hold, by whatever word, in the order of names. */
  async heldBy(tx: Tx, userIds: readonly string[]): Promise<(userId: string) => RoleName[]> {
    const rows = await tx.query<RoleName & { readonly user_id: string }>(
      `select h.user_id, r.id, r.name from role_holders h join custom_roles r on r.id = h.role_id and r.removed_at is null
       where h.user_id = any($1) order by r.name, r.id`,
      [userIds],
    );
    const held = new Map<string, RoleName[]>(userIds.map((id) => [id, []]));
    for (const { user_id, id, name } of rows) held.get(user_id)?.push({ id, name });
    return (userId) => held.get(userId) ?? [];
  }
}

/** Groups of the directory or of a sign-in provider, which give apart from one another and from administrators. */
export type GroupSource = "directory" | "provider";
export interface HeldRole {
  readonly userId: string;
  readonly roleId: string;
}

function roleOf(row: RoleRow): CustomRole {
  const { id, name, description, scopes, holders, groups, created_by: createdBy, created_at: at, changed_at: changedAt } = row;
  const changed = changedAt?.toISOString() ?? null;
  return CustomRole.parse({ id, name, description, scopes, holders, groups, createdAt: at.toISOString(), createdBy, changedAt: changed });
}
