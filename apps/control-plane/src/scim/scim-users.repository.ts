import { Injectable } from "@nestjs/common";
import { Role, SharedTier } from "@ziggurat/contracts";
import { type BuiltIn, type GroupGrant, givenByGroups } from "@ziggurat/institution";
import type { Filter } from "scim2-parse-filter";
import type { Tx } from "../platform/database/unit-of-work.js";
import { USER } from "./attributes.js";
import { type Columns, conditionOf, sortColumn } from "./filter-condition.js";
import type { Json } from "./read-resource.js";

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

export interface ListedBy {
  readonly filter: Filter | null;
  readonly sortBy: string | null;
  readonly isDescending: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** What a directory reads of a member made by hand, until it says something of its own. */
const OF_MEMBER = `jsonb_build_object('displayName', u.name, 'emails',
  jsonb_build_array(jsonb_build_object('value', u.email, 'type', 'work', 'primary', true)))`;
const ATTRIBUTES = `coalesce(s.attributes, ${OF_MEMBER})`;
const JOINED = "users u left join scim_users s on s.user_id = u.id";
/** Members, and people whom the directory deactivated, unless somebody else has come in under the address since. */
const VISIBLE = `u.institution_id = $1 and u.kind = 'person' and (u.removed_at is null or s.user_id is not null and s.deleted_at is null
  and not exists (select from users o where o.institution_id = u.institution_id and o.email = u.email and o.removed_at is null))`;
const COLUMNS = `u.id, u.email, u.name, u.roles, u.created_at, u.removed_at is null as is_active, s.external_id, ${ATTRIBUTES} as attributes,
  coalesce(s.updated_at, u.created_at) as updated_at,
  (select coalesce(jsonb_agg(jsonb_build_object('value', g.id, 'display', g.name) order by g.id), '[]')
    from scim_group_members m join scim_groups g on g.id = m.group_id where m.user_id = u.id) as groups`;

const email = (name: string) => ({ kind: "text", sql: `e.value->>'${name}'` }) as const;
const COLUMNS_OF_FILTER: Columns = {
  id: { kind: "exact", sql: "u.id" },
  externalId: { kind: "exact", sql: "s.external_id" },
  userName: { kind: "text", sql: "u.email" },
  displayName: { kind: "text", sql: `${ATTRIBUTES}->>'displayName'` },
  "name.formatted": { kind: "text", sql: `${ATTRIBUTES}#>>'{name,formatted}'` },
  "name.familyName": { kind: "text", sql: `${ATTRIBUTES}#>>'{name,familyName}'` },
  "name.givenName": { kind: "text", sql: `${ATTRIBUTES}#>>'{name,givenName}'` },
  active: { kind: "boolean", sql: "(u.removed_at is null)" },
  "meta.created": { kind: "instant", sql: "u.created_at" },
  "meta.lastModified": { kind: "instant", sql: "coalesce(s.updated_at, u.created_at)" },
  emails: {
    kind: "several",
    from: `jsonb_array_elements(coalesce(${ATTRIBUTES}->'emails', '[]')) e`,
    sub: {
      value: email("value"),
      type: email("type"),
      display: email("display"),
      primary: { kind: "boolean", sql: "(e.value->>'primary')::boolean" },
    },
  },
  groups: {
    kind: "several",
    from: "(select g.id, g.name from scim_group_members m join scim_groups g on g.id = m.group_id where m.user_id = u.id) g",
    sub: { value: { kind: "exact", sql: "g.id" }, display: { kind: "text", sql: "g.name" } },
  },
};

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

  async list(tx: Tx, { filter, sortBy, isDescending, offset, limit }: ListedBy) {
    const parameters: unknown[] = [tx.viewer.institutionId];
    const condition = filter === null ? "" : ` and ${conditionOf(filter, COLUMNS_OF_FILTER, parameters, USER.schema)}`;
    const order = sortBy === null ? "" : `${sortColumn(COLUMNS_OF_FILTER, sortBy, USER.schema)} ${isDescending ? "desc" : "asc"}, `;
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
       on conflict (user_id) do update set external_id = excluded.external_id, attributes = excluded.attributes, updated_at = now()`,
      [userId, tx.viewer.institutionId, externalId, JSON.stringify(attributes)],
    );
  }

  async delete(tx: Tx, userId: string): Promise<void> {
    await tx.query("delete from scim_group_members where user_id = $1", [userId]);
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
