import type { MigrationInterface, QueryRunner } from "typeorm";
import { policy } from "./create-pyramid/row-security.js";

const PLATFORM = "'ins_00000000000000000000000000000000'";
const catalogue = `(select app_reach() in ('platform', 'system')) or institution_id = (select app_institution())
   or ((select app_reach() = 'tenant') and institution_id = ${PLATFORM})`;
const SHOWN = "state in ('released', 'deprecated', 'retired')";

/** What a tenant may know of a shared version's past: from its release on. */
const history = `(select app_reach() in ('platform', 'system')) or institution_id = (select app_institution())
   or ((select app_reach() = 'tenant') and institution_id = ${PLATFORM} and (${SHOWN} or state in ('quarantined', 'recalled')))`;

/**
 * The states a version was in, written by the database whoever moves it: an answer about a past instant must not depend on every
 * writer's memory. Drafts are not part of the graph and leave no row.
 */
const versionStates = `
create table version_states (
  version_id text not null constraint version_states_version references versions (id),
  institution_id text not null constraint version_states_institution references institutions (id),
  state text not null,
  at timestamptz not null,
  by text not null,
  reason text not null default '',
  constraint version_states_pk primary key (version_id, at)
);
create index version_states_institution_id on version_states (institution_id, version_id);

-- Who and why come from settings that are local to the transaction; two moves in one microsecond keep their order.
create function remember_version_state() returns trigger language plpgsql as $$
begin
  insert into version_states (version_id, institution_id, state, at, by, reason)
  values (new.id, new.institution_id, new.state,
    greatest(case when new.state = 'sealed' and (tg_op = 'INSERT' or old.state = 'draft') then new.sealed_at else clock_timestamp() end,
      (select max(at) + interval '1 microsecond' from version_states where version_id = new.id)),
    coalesce(nullif(current_setting('app.actor', true), ''), 'system'), coalesce(current_setting('app.reason', true), ''));
  return null;
end $$;
create trigger versions_remember_state after update on versions for each row
  when (old.state is distinct from new.state and new.state <> 'draft') execute function remember_version_state();
create trigger versions_remember_first_state after insert on versions for each row
  when (new.state <> 'draft') execute function remember_version_state();
`;

/** The past as far as it is known: each move has its audit entry; what was moved without one is taken from the version's own dates. */
const backfill = `
insert into version_states (version_id, institution_id, state, at, by, reason)
select distinct on (v.id, a.at) v.id, v.institution_id,
  case a.action when 'version.seal' then 'sealed' when 'version.withdraw_review' then 'sealed' when 'version.submit' then 'in_review'
    when 'version.release' then 'released' when 'version.deprecate' then 'deprecated' when 'version.retire' then 'retired'
    when 'version.quarantine' then 'quarantined' else 'recalled' end,
  case a.action when 'version.seal' then v.sealed_at else a.at end, a.actor_name, a.reason
from versions v join models m on m.id = v.model_id
  join audit_entries a on a.institution_id = v.institution_id and a.object = m.namespace || '/' || m.slug || '@' || v.number
where v.state <> 'draft' and a.action in ('version.seal', 'version.withdraw_review', 'version.submit', 'version.release',
  'version.deprecate', 'version.retire', 'version.quarantine', 'version.recall')
order by v.id, a.at, a.id;
insert into version_states (version_id, institution_id, state, at, by)
select id, institution_id, 'sealed', sealed_at, created_by from versions v
where state <> 'draft' and not exists (select 1 from version_states s where s.version_id = v.id and s.at <= v.sealed_at)
on conflict do nothing;
insert into version_states (version_id, institution_id, state, at, by)
select id, institution_id, 'released', released_at, 'system' from versions v
where released_at > sealed_at and not exists (select 1 from version_states s where s.version_id = v.id and s.state = 'released')
on conflict do nothing;
insert into version_states (version_id, institution_id, state, at, by)
select id, institution_id, state,
  greatest(updated_at, (select max(at) + interval '1 microsecond' from version_states s where s.version_id = v.id)), 'system' from versions v
where state <> 'draft' and state is distinct from
  (select s.state from version_states s where s.version_id = v.id order by s.at desc limit 1);
create trigger version_states_append_only before update or delete on version_states for each row execute function refuse_change();
`;

/**
 * A line lies inside one model. Knowing it there, groups and filters read thousands of lines instead of a million versions. Rows of
 * the closure that an earlier row of their line makes superfluous go; they were written for every version where one per line is enough.
 */
const linesOfModels = `
alter table lines add column model_id text constraint lines_model references models (id);
alter table lines add column tier text;
update lines l set model_id = v.model_id, tier = v.tier from versions v where v.line_id = l.id and v.line_seq = 1;
alter table lines alter column model_id set not null, alter column tier set not null;
delete from line_closure c using line_closure o
where o.line_id = c.line_id and o.anc_line = c.anc_line and o.anc_seq >= c.anc_seq and o.min_seq <= c.min_seq
  and (o.anc_seq, o.min_seq) <> (c.anc_seq, c.min_seq);
`;

/**
 * The same policies as before; who asks is now worked out once per statement instead of once per row. Written as a question with a yes
 * or no, which the planner takes for half of all rows: compared with a list, it expected one row in a hundred and chose nested loops.
 */
const quickPolicies = `
-- One index answers both "which lines, in order" for a page and "which lines at all" for a count, without touching the table.
create index line_closure_reached on line_closure (anc_line, line_id) include (anc_seq, min_seq, institution_id);
drop index line_closure_ancestor_seq;
${["edges", "dataset_uses", "lines", "line_closure"].map((table) => `alter policy ${table}_tenant on ${table} using (${catalogue});`).join("\n")}
alter policy versions_tenant on versions using ((select app_reach() in ('platform', 'system')) or institution_id = (select app_institution())
  or ((select app_reach() = 'tenant') and institution_id = ${PLATFORM} and (${SHOWN} or state in ('quarantined', 'recalled') and released_at is not null)));
`;

export class RememberStates1796300000000 implements MigrationInterface {
  name = "RememberStates1796300000000";

  async up(runner: QueryRunner): Promise<void> {
    // An owner who is no superuser is held to the policies too, and must see every row to bring it over.
    await runner.query("select set_config('app.reach', 'system', true)");
    for (const part of [versionStates, backfill, linesOfModels, policy("version_states", history), quickPolicies]) await runner.query(part);
    await runner.query("grant select, insert on version_states to ziggurat_app");
  }

  async down(): Promise<void> {
    throw new Error("History is not thrown away; restore a copy of the data directory instead.");
  }
}
