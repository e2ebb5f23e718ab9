import { Injectable } from "@nestjs/common";
import { Role, SharedTier } from "@ziggurat/contracts";
import { type BuiltIn, type GroupGrant, givenByGroups } from "@ziggurat/institution";
import type { Tx } from "../platform/database/unit-of-work.js";
import { conditionOf, sortColumn } from "./filter-condition.js";
import type { Json } from "./read-resource.js";
import type { ListedBy } from "./scim-query.js";
import { ATTRIBUTES, CHANGED, OF_MEMBER } from "./user-names.js";

export interface ScimUserRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly roles: string[];
  readonly created_at: Date;
  readonly is_active: boolean;
  readonly external_id: string | null;
  readonly attributes: Json;
  readonly updated_at: Date;
  readonly groups: readonly { readonly value: string; readonly display: string }[];
}

const JOINED = "users u left join scim_users s on s.user_id = u.id";
/** Members, and people whom the directory deactivated, unless somebody else has come in under the address since. */
const VISIBLE = `u.institution_id = $1 and u.kind = 'person' and (u.removed_at is null or s.user_id is not null and s.deleted_at is null
  and not exists (select from users o where o.institution_id = u.institution_id and o.email = u.email and o.removed_at is null))`;
const COLUMNS = `u.id, u.email, u.name, u.roles, u.created_at, u.removed_at is null as is_active, s.external_id, ${ATTRIBUTES} as attributes,
  ${CHANGED} as updated_at,
  (select coalesce(jsonb_agg(jsonb_build_object('value', g.id, 'display', g.name) order by g.id), '[]')
    from scim_group_members m join scim_groups g on g.id = m.group_id where m.user_id = u.id) as groups`;

/** People as the directory sees them: of the viewer's own institution, whatever else the viewer may see. */
@Injectable()
export class ScimUsersRepository {
  async find(tx: Tx, id: string): Promise<ScimUserRow | null> {
    const [row] = await tx.query<ScimUserRow>(`select ${COLUMNS} from ${JOINED} where ${VISIBLE} and u.id = $2`, [
      tx.viewer.institutionId,
      id,
    ]);
    return row ?? null;
  }

  async list(tx: Tx, { names, filter, sortBy, isDescending, offset, limit }: ListedBy) {
    const parameters: unknown[] = [tx.viewer.institutionId];
    const condition = filter === null ? "" : ` and ${conditionOf(filter, names, parameters)}`;
    const order = sortBy === null ? "" : `${sortColumn(names, sortBy)} ${isDescending ? "desc" : "asc"}, `;
    const counted = await tx.query<{ n: number }>(`select count(*)::int as n from ${JOINED} where ${VISIBLE}${condition}`, parameters);
    const total = counted[0]?.n ?? 0;
    if (limit === 0 || offset >= total) return { total, rows: [] };
    const rows = await tx.query<ScimUserRow>(
      `select ${COLUMNS} from ${JOINED} where ${VISIBLE}${condition} order by ${order}u.id
       offset $${parameters.length + 1} limit $${parameters.length + 2}`,
      [...parameters, offset, limit],
    );
    return { total, rows };
  }

  /** Whether another person of the directory has this address, deactivated ones too. */
  async isTaken(tx: Tx, address: string, exceptId: string): Promise<boolean> {
    const rows = await tx.query(`select 1 from ${JOINED} where ${VISIBLE} and u.email = $2 and u.id <> $3 limit 1`, [
      tx.viewer.institutionId,
      address,
      exceptId,
    ]);
    return rows.length > 0;
  }

  /** Members of the directory among these ids. */
  async known(tx: Tx, ids: readonly string[]): Promise<readonly string[]> {
    const rows = await tx.query<{ id: string }>(`select u.id from ${JOINED} where ${VISIBLE} and u.id = any($2)`, [
      tx.viewer.institutionId,
      ids,
    ]);
    return rows.map(({ id }) => id);
  }

  async put(tx: Tx, userId: string, externalId: string | null, attributes: Json): Promise<void> {
    await tx.query(
      `insert into scim_users (user_id, institution_id, external_id, attributes) values ($1, $2, $3, $4)
       on conflict (user_id) do update set external_id = excluded.external_id, attributes = excluded.attributes, updated_at = clock_timestamp()`,
      [userId, tx.viewer.institutionId, externalId, JSON.stringify(attributes)],
    );
  }

  /** Their groups change with it. */
  async delete(tx: Tx, userId: string): Promise<void> {
    await tx.query(
      `with gone as (delete from scim_group_members where user_id = $1 returning group_id)
       update scim_groups set updated_at = clock_timestamp() where id in (select group_id from gone)`,
      [userId],
    );
    await tx.query(
      `insert into scim_users (user_id, institution_id, deleted_at) values ($1, $2, now())
       on conflict (user_id) do update set deleted_at = now(), group_roles = '{}', group_tiers = null`,
      [userId, tx.viewer.institutionId],
    );
  }

  /** What people hold and what their groups give, locked in one order. */
  async held(tx: Tx, userIds: readonly string[]): Promise<HeldPerson[]> {
    const rows = await tx.query<HeldRow>(
      `select u.id, u.roles, u.tiers, coalesce(s.group_roles, '{}') as group_roles, s.group_tiers, u.removed_at is null as is_active,
         (select coalesce(jsonb_agg(jsonb_build_object('roles', g.roles, 'customRoles', g.custom_roles, 'tiers', g.tiers) order by g.id), '[]')
           from scim_group_members m join scim_groups g on g.id = m.group_id where m.user_id = u.id) as given
       from ${JOINED} where u.institution_id = $1 and u.id = any($2) order by u.id for update of u`,
      [tx.viewer.institutionId, userIds],
    );
    return rows.map((row) => ({
      id: row.id,
      isActive: row.is_active,
      held: builtInOf(row),
      byGroups: builtInOf({ roles: row.group_roles, tiers: row.group_tiers }),
      given: givenByGroups(row.given.map((group) => ({ ...builtInOf(group), customRoles: group.customRoles }))),
    }));
  }

  async setHeld(tx: Tx, userId: string, held: BuiltIn, byGroups: BuiltIn): Promise<void> {
    await tx.query("update users set roles = $2, tiers = $3 where id = $1", [userId, held.roles, held.tiers]);
    await tx.query(
      `insert into scim_users (user_id, institution_id, attributes, group_roles, group_tiers)
       select u.id, u.institution_id, ${OF_MEMBER}, $2::text[], $3::text[] from users u where u.id = $1
       on conflict (user_id) do update set group_roles = excluded.group_roles, group_tiers = excluded.group_tiers`,
      [userId, byGroups.roles, byGroups.tiers],
    );
  }
}

/** What somebody holds, what of it groups alone gave, and what all their groups give now. */
export interface HeldPerson {
  readonly id: string;
  readonly isActive: boolean;
  readonly held: BuiltIn;
  readonly byGroups: BuiltIn;
  readonly given: GroupGrant;
}

interface BuiltInRow {
  readonly roles: string[];
  readonly tiers: string[] | null;
}
interface HeldRow extends BuiltInRow {
  readonly id: string;
  readonly group_roles: string[];
  readonly group_tiers: string[] | null;
  readonly given: (BuiltInRow & { readonly customRoles: string[] })[];
  readonly is_active: boolean;
}

export function builtInOf({ roles, tiers }: BuiltInRow): BuiltIn {
  return { roles: roles.map((role) => Role.parse(role)), tiers: tiers?.map((tier) => SharedTier.parse(tier)) ?? null };
}
