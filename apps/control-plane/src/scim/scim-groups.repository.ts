import { Injectable } from "@nestjs/common";
import { ScimGroup } from "@ziggurat/contracts";
import type { GroupGrant } from "@ziggurat/institution";
import { tiersOf } from "../identity/users.repository.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import { conditionOf, sortColumn } from "./filter-condition.js";
import type { ListedBy } from "./scim-query.js";
import { builtInOf } from "./scim-users.repository.js";

export interface ScimGroupRow {
  readonly id: string;
  readonly name: string;
  readonly external_id: string | null;
  readonly roles: string[];
  readonly created_at: Date;
  readonly updated_at: Date;
  /** Another one after each change, in finer steps than a date has. */
  readonly revision: string;
  readonly members: readonly { readonly value: string }[];
}

const COLUMNS = "g.id, g.name, g.external_id, g.roles, g.created_at, g.updated_at, g.updated_at::text as revision";
const MEMBERS = `(select coalesce(jsonb_agg(jsonb_build_object('value', m.user_id) order by m.user_id), '[]')
  from scim_group_members m where m.group_id = g.id) as members`;

/** Groups of the viewer's own institution. */
@Injectable()
export class ScimGroupsRepository {
  async find(tx: Tx, id: string, withMembers = true): Promise<ScimGroupRow | null> {
    const [row] = await tx.query<ScimGroupRow>(
      `select ${COLUMNS}, ${withMembers ? MEMBERS : "'[]'::jsonb as members"} from scim_groups g where g.institution_id = $1 and g.id = $2`,
      [tx.viewer.institutionId, id],
    );
    return row ?? null;
  }

  async list(tx: Tx, { names, filter, sortBy, isDescending, offset, limit }: ListedBy, withMembers: boolean) {
    const parameters: unknown[] = [tx.viewer.institutionId];
    const condition = filter === null ? "" : ` and ${conditionOf(filter, names, parameters)}`;
    const order = sortBy === null ? "" : `${sortColumn(names, sortBy)} ${isDescending ? "desc" : "asc"}, `;
    const from = `from scim_groups g where g.institution_id = $1${condition}`;
    const counted = await tx.query<{ n: number }>(`select count(*)::int as n ${from}`, parameters);
    const total = counted[0]?.n ?? 0;
    if (limit === 0 || offset >= total) return { total, rows: [] };
    const rows = await tx.query<ScimGroupRow>(
      `select ${COLUMNS}, ${withMembers ? MEMBERS : "'[]'::jsonb as members"} ${from} order by ${order}g.id
       offset $${parameters.length + 1} limit $${parameters.length + 2}`,
      [...parameters, offset, limit],
    );
    return { total, rows };
  }

  async insert(tx: Tx, group: { readonly id: string; readonly name: string; readonly externalId: string | null }): Promise<void> {
    await tx.query("insert into scim_groups (id, institution_id, name, external_id) values ($1, $2, $3, $4)", [
      group.id,
      tx.viewer.institutionId,
      group.name,
      group.externalId,
    ]);
  }

  async setFacts(tx: Tx, id: string, name: string, externalId: string | null): Promise<void> {
    await tx.query("update scim_groups set name = $2, external_id = $3, updated_at = clock_timestamp() where id = $1", [
      id,
      name,
      externalId,
    ]);
  }

  async setMembers(tx: Tx, id: string, added: readonly string[], removed: readonly string[]): Promise<void> {
    await tx.query("delete from scim_group_members where group_id = $1 and user_id = any($2)", [id, removed]);
    await tx.query(
      "insert into scim_group_members (group_id, user_id, institution_id) select $1, one, $2 from unnest($3::text[]) one on conflict do nothing",
      [id, tx.viewer.institutionId, added],
    );
    await tx.query("update scim_groups set updated_at = clock_timestamp() where id = $1", [id]);
  }

  /** What it gives, with tiers null where nothing was said of them. */
  async grant(tx: Tx, id: string): Promise<GroupGrant | null> {
    const [row] = await tx.query<{ roles: string[]; custom_roles: string[]; tiers: string[] | null }>(
      "select roles, custom_roles, tiers from scim_groups where institution_id = $1 and id = $2",
      [tx.viewer.institutionId, id],
    );
    return row === undefined ? null : { ...builtInOf(row), customRoles: row.custom_roles };
  }

  /** An administrator's decision: nothing of what the directory knows changes by it. */
  async setGrant(tx: Tx, id: string, { roles, customRoles, tiers }: GroupGrant): Promise<void> {
    await tx.query("update scim_groups set roles = $2, custom_roles = $3, tiers = $4 where id = $1", [id, roles, customRoles, tiers]);
  }

  async memberIds(tx: Tx, id: string): Promise<readonly string[]> {
    const rows = await tx.query<{ user_id: string }>("select user_id from scim_group_members where group_id = $1 order by user_id", [id]);
    return rows.map(({ user_id }) => user_id);
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.query("delete from scim_group_members where group_id = $1", [id]);
    await tx.query("delete from scim_groups where id = $1", [id]);
  }

  /** As administrators see them, by name, after the given one. */
  async page(tx: Tx, limit: number, after: readonly [string, string] | null): Promise<readonly ScimGroup[]> {
    const rows = await tx.query<ShownRow>(
      `select ${COLUMNS}, '[]'::jsonb as members, ${SHOWN} from scim_groups g where g.institution_id = $1 and ($2::text is null or (g.name, g.id) > ($2, $3))
       order by g.name, g.id limit $4`,
      [tx.viewer.institutionId, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
    return rows.map(groupOf);
  }

  async shown(tx: Tx, id: string): Promise<ScimGroup | null> {
    const [row] = await tx.query<ShownRow>(
      `select ${COLUMNS}, '[]'::jsonb as members, ${SHOWN} from scim_groups g where g.institution_id = $1 and g.id = $2`,
      [tx.viewer.institutionId, id],
    );
    return row === undefined ? null : groupOf(row);
  }

  async count(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ n: number }>("select count(*)::int as n from scim_groups where institution_id = $1", [
      tx.viewer.institutionId,
    ]);
    return row?.n ?? 0;
  }
}

/** What administrators see beside what the directory said. */
const SHOWN = `g.tiers, (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name) order by r.name), '[]')
  from custom_roles r where r.institution_id = g.institution_id and r.id = any(g.custom_roles) and r.removed_at is null) as custom_role_names, (select count(*)::int from scim_group_members m join users u on u.id = m.user_id
  where m.group_id = g.id and u.removed_at is null) as people`;

interface ShownRow extends ScimGroupRow {
  readonly people: number;
  readonly tiers: string[] | null;
  readonly custom_role_names: unknown;
}

function groupOf(row: ShownRow): ScimGroup {
  const { id, name, external_id, people, roles, custom_role_names: customRoles, created_at } = row;
  const createdAt = created_at.toISOString();
  return ScimGroup.parse({ id, name, externalId: external_id, members: people, roles, customRoles, tiers: tiersOf(row), createdAt });
}
