import type { MigrationInterface, QueryRunner } from "typeorm";

/** Groups give roles of an institution's own, and engineers' tiers, as well as built-in roles. */
export class MapGroups1798800000000 implements MigrationInterface {
  name = "MapGroups1798800000000";

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [columns, mapped]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error("Who holds a role by a group alone would hold it for good; restore a copy of the data directory instead.");
  }
}

const columns = `
-- Who gave it: an administrator, groups of the directory, groups of a provider. It ends with the last of them.
alter table role_holders add column sources text[] not null default '{hand}'
  constraint role_holders_sources check (cardinality(sources) > 0 and sources <@ array['hand', 'directory', 'provider']);
grant update on role_holders to ziggurat_app;

alter table scim_groups add column custom_roles text[] not null default '{}';
-- Where its members are engineers by it. Null where nothing was said: they keep the tiers they have.
alter table scim_groups add column tiers text[] constraint scim_groups_tiers check (cardinality(tiers) > 0 and tiers <@ array['foundation', 'finance']);
-- Tiers that an engineer has by groups alone, as \`group_roles\` are roles.
alter table scim_users add column group_tiers text[];
`;

/** Groups are the institution's own business, but whoever may remove a role must not remove one that they give. */
const mapped = `
create function groups_giving(wanted text) returns int language plpgsql as $$
declare reach_before text := coalesce(current_setting('app.reach', true), ''); found int;
begin
  perform set_config('app.reach', 'system', true);
  select (select count(*) from scim_groups g where wanted = any(g.custom_roles))
       + (select count(*) from custom_roles r join identity_providers p on p.institution_id = r.institution_id, jsonb_array_elements(p.mapping) m
          where r.id = wanted and m -> 'customRoles' ? wanted) into found;
  perform set_config('app.reach', reach_before, true);
  return found;
end $$;
create function refuse_mapped_removal() returns trigger language plpgsql as $$
begin
  if groups_giving(new.id) > 0 then raise exception 'role % is given by groups', new.id using errcode = 'ZG006'; end if;
  return new;
end $$;
create trigger custom_roles_mapped before update on custom_roles for each row
  when (old.removed_at is null and new.removed_at is not null) execute function refuse_mapped_removal();
`;
