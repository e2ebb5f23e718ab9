import type { MigrationInterface, QueryRunner } from "typeorm";
import { metadataPolicy } from "./create-pyramid/row-security.js";

const PLATFORM = "'ins_00000000000000000000000000000000'";

/** Shared lines may be closed, and are then seen, derived from and served by those institutions alone that were entitled to. */
export class Entitlements1797900000000 implements MigrationInterface {
  name = "Entitlements1797900000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("select set_config('app.reach', 'system', true)");
    for (const part of [tables, metadataPolicy("entitlements"), grantsAlone, sight, entitlementOf, sightPolicies, use, granted])
      await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error("Lines that were closed since then would stand open; restore a copy of the data directory instead.");
  }
}

/** A question about the one who asks that is answered past every policy, since policies ask it. An owner who is no superuser cannot say so in the function's head. */
function pastPolicies(head: string, type: string, answer: string): string {
  return `create function ${head} returns ${type} language plpgsql stable as $$
declare reach_before text := coalesce(current_setting('app.reach', true), ''); answer ${type};
begin
  perform set_config('app.reach', 'system', true);
  answer := ${answer};
  perform set_config('app.reach', reach_before, true);
  return answer;
end $$;`;
}

const tables = `
alter table models add column is_open boolean not null default true;
alter table models add constraint models_closed_is_shared check (is_open or institution_id = ${PLATFORM});
create index models_closed on models (id) where not is_open;

-- What the platform lets an institution do with a shared line, or with one version of it.
create table entitlements (
  id text constraint entitlements_pk primary key,
  institution_id text not null constraint entitlements_institution references institutions (id),
  model_id text not null constraint entitlements_model references models (id),
  version_id text constraint entitlements_version references versions (id),
  -- Names never change, and the holder reads them when the line itself is out of its sight.
  subject text not null,
  tier text not null,
  rights text[] not null constraint entitlements_rights check (cardinality(rights) > 0 and rights <@ array['see', 'derive', 'serve']),
  max_task_models int constraint entitlements_max check (max_task_models > 0),
  scenarios text[],
  starts_at timestamptz not null,
  ends_at timestamptz constraint entitlements_order check (ends_at > starts_at),
  reason text not null,
  granted_by text not null,
  granted_at timestamptz not null default now(),
  ended_at timestamptz,
  ended_by text,
  end_reason text,
  suspended_by text constraint entitlements_recall references recalls (id),
  -- Steps of the warning before the end that were told.
  told int not null default 0
);
create index entitlements_holder on entitlements (institution_id, model_id);
create index entitlements_model_id on entitlements (model_id, id);
create index entitlements_version_id on entitlements (version_id) where version_id is not null;
create index entitlements_ending on entitlements (ends_at) where ended_at is null and ends_at is not null;
`;

/** An institution reads what it was granted and writes none of it, whatever the code above does. */
const grantsAlone = `
create policy entitlements_grant on entitlements as restrictive for insert with check (app_reach() in ('platform', 'system'));
create policy entitlements_change on entitlements as restrictive for update using (app_reach() in ('platform', 'system'));
`;

/**
 * Whoever stands on a version goes on seeing it: an institution must be able to read what its own models were made of, whatever became of
 * the right to make more. The functions look past the policies that ask them.
 */
const sight = `
create function entitlement_in_force(e entitlements) returns boolean language sql stable as $$
  select e.starts_at <= now() and (e.ends_at is null or e.ends_at > now()) and e.ended_at is null and e.suspended_by is null
$$;
${pastPolicies("app_has_closed_lines()", "boolean", "exists (select from models where not is_open)")}
${pastPolicies(
  "app_sees_line(of_model text)",
  "boolean",
  `exists (select from models m where m.id = of_model and m.is_open)
    or exists (select from entitlements e where e.institution_id = app_institution() and e.model_id = of_model and entitlement_in_force(e))
    or exists (select from lines l join line_closure c on c.anc_line = l.id where l.model_id = of_model and c.institution_id = app_institution())`,
)}
${pastPolicies(
  "app_sees_version(of_model text, of_version text)",
  "boolean",
  `exists (select from models m where m.id = of_model and m.is_open)
    or exists (select from entitlements e where e.institution_id = app_institution() and e.model_id = of_model
      and (e.version_id is null or e.version_id = of_version) and entitlement_in_force(e))
    or exists (select from versions v join line_closure c on c.anc_line = v.line_id and c.anc_seq >= v.line_seq
      where v.id = of_version and c.institution_id = app_institution())`,
)}
`;

/** What the one who asks may do with a version of a closed line, as rules take it: the grant of the very version before that of the line. */
const entitlementOf = pastPolicies(
  "app_entitlement(of_model text, of_version text)",
  "jsonb",
  `(select jsonb_build_object('rights', coalesce(to_jsonb(e.rights), '[]'), 'maxTaskModels', e.max_task_models, 'scenarios', to_jsonb(e.scenarios),
      'taskModels', (select coalesce(jsonb_agg(distinct m.namespace || '/' || m.slug), '[]') from versions p join edges x on x.parent_id = p.id
        join versions c on c.id = x.child_id join models m on m.id = c.model_id
        where p.model_id = of_model and x.institution_id = app_institution()))
    from (select) one left join lateral (
      select * from entitlements e where e.institution_id = app_institution() and e.model_id = of_model
        and (e.version_id is null or e.version_id = of_version) and entitlement_in_force(e) order by e.version_id nulls last limit 1) e on true)`,
);

/** Asked of rows of the platform alone, and only by an institution while any line is closed: until then nothing is looked up. */
const unless = (seen: string): string =>
  `institution_id <> ${PLATFORM} or (select app_reach() <> 'tenant') or (select not app_has_closed_lines()) or ${seen}`;
const seenBy: Readonly<Record<string, string>> = {
  models: "app_sees_line(id)",
  lines: "app_sees_line(model_id)",
  line_closure: "exists (select from lines l where l.id = line_closure.line_id)",
  versions: "app_sees_version(model_id, id)",
  ...Object.fromEntries(
    [
      "version_files",
      "purged_files",
      "dataset_uses",
      "version_states",
      "version_seals",
      "version_signatures",
      "deprecations",
      "evaluations",
      "aliases",
      "alias_moves",
    ].map((table) => [table, `exists (select from versions v where v.id = ${table}.version_id)`]),
  ),
  edges: "exists (select from versions v where v.id = edges.child_id)",
  tombstones: "version_id is null or exists (select from versions v where v.id = tombstones.version_id)",
  alias_guards: "app_sees_line(model_id)",
};
const sightPolicies = Object.entries(seenBy)
  .map(([table, seen]) => `create policy ${table}_entitled on ${table} as restrictive for select using (${unless(seen)});`)
  .join("\n");

/**
 * The last line of defence for use: whatever code or race writes it, nothing new of an institution stands on a closed line without the
 * right to derive from it. The row of the entitlement is locked, so an end that is being written comes before or after. What a job that
 * was let in makes of it is sealed all the same.
 */
const use = `
create function may_derive(owner text, of_version text) returns boolean language plpgsql as $$
declare line record; reach_before text := coalesce(current_setting('app.reach', true), ''); found_one boolean;
begin
  perform set_config('app.reach', 'system', true);
  select v.model_id, v.institution_id, m.is_open into line from versions v join models m on m.id = v.model_id where v.id = of_version;
  found_one := line.is_open or line.institution_id <> ${PLATFORM} or owner = ${PLATFORM};
  if not found_one then
    perform 1 from entitlements e where e.institution_id = owner and e.model_id = line.model_id and 'derive' = any(e.rights)
      and (e.version_id is null or e.version_id = of_version) and entitlement_in_force(e) limit 1 for share;
    found_one := found;
  end if;
  perform set_config('app.reach', reach_before, true);
  return found_one;
end $$;
create function refuse_unentitled_edge() returns trigger language plpgsql as $$
begin
  if not may_derive(new.institution_id, new.parent_id) then
    raise exception 'no right to derive from %', new.parent_id using errcode = 'ZG003';
  end if;
  return new;
end $$;
create trigger edges_entitled before insert on edges for each row when (new.seal = 'declared') execute function refuse_unentitled_edge();
create function refuse_unentitled_job() returns trigger language plpgsql as $$
begin
  if not may_derive(new.institution_id, new.parent_version_id) then
    raise exception 'no right to derive from %', new.parent_version_id using errcode = 'ZG003';
  end if;
  return new;
end $$;
create trigger jobs_entitled before insert on jobs for each row when (new.parent_version_id is not null) execute function refuse_unentitled_job();
`;

const granted = "grant select, insert, update on entitlements to ziggurat_app;";
