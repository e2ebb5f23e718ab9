import { metadataPolicy } from "../create-pyramid/row-security.js";

/**
 * Who had a hand in what, written by the database whoever works on it: that nobody approves their own must not depend on every writer's
 * memory. `account` acted; `people` are the accounts behind it at that moment, its own first, then those of whoever answers for a service
 * account and made its token.
 */
const tables = `
create table contributions (
  -- A version, a dataset version, a job, an import, or a change that waits for a second person.
  object_id text not null,
  institution_id text not null constraint contributions_institution references institutions (id),
  kind text not null,
  account text not null,
  people text[] not null,
  at timestamptz not null default now(),
  constraint contributions_pk primary key (object_id, kind, account, people)
);
create index contributions_institution_id on contributions (institution_id);
create trigger contributions_append_only before update or delete on contributions for each row execute function refuse_change();
${metadataPolicy("contributions")}
grant select, insert on contributions to ziggurat_app;
`;

/** The platform acting by itself contributes nothing: behind its work stands whoever asked for it, and that was noted then. */
const notes = `
create function note_contribution(of_object text, owner text, as_kind text) returns void language plpgsql as $$
declare acts text := coalesce(current_setting('app.account', true), '');
begin
  if acts !~ '^(usr|sva)_' then return; end if;
  insert into contributions (object_id, institution_id, kind, account, people)
  values (of_object, owner, as_kind, acts, acts || string_to_array(coalesce(current_setting('app.behind', true), ''), ' '))
  on conflict do nothing;
end $$;
create function note_own_contribution() returns trigger language plpgsql as $$
begin
  perform note_contribution(new.id, new.institution_id, tg_argv[0]);
  return null;
end $$;
create function note_uploads() returns trigger language plpgsql as $$
begin
  perform note_contribution(version_id, institution_id, 'uploaded') from (select distinct version_id, institution_id from put) files;
  return null;
end $$;
create trigger versions_contribution after insert on versions for each row execute function note_own_contribution('registered');
create trigger versions_submission after update on versions for each row
  when (old.state is distinct from new.state and (old.state = 'draft' or old.state = 'sealed' and new.state = 'in_review'))
  execute function note_own_contribution('submitted');
create trigger version_files_put after insert on version_files referencing new table as put for each statement execute function note_uploads();
create trigger version_files_replaced after update on version_files referencing new table as put for each statement execute function note_uploads();
create trigger dataset_versions_contribution after insert on dataset_versions for each row execute function note_own_contribution('supplied_data');
create trigger jobs_contribution after insert on jobs for each row execute function note_own_contribution('requested');
create trigger jobs_taken_up after update on jobs for each row
  when (new.state = 'queued' and old.state in ('failed', 'cancelled', 'paused')) execute function note_own_contribution('trained');
create trigger imports_contribution after insert on imports for each row execute function note_own_contribution('registered');
create trigger imports_taken_up after update on imports for each row
  when (old.state in ('failed', 'cancelled') and new.state not in ('failed', 'cancelled')) execute function note_own_contribution('registered');
create trigger alias_proposals_contribution after insert on alias_proposals for each row execute function note_own_contribution('proposed');
create trigger legal_holds_lift_asked after update on legal_holds for each row
  when (new.lift_asked_by is not null and new.lift_asked_by is distinct from old.lift_asked_by) execute function note_own_contribution('proposed');
-- Whoever asked for an import made the version it ends in.
create function hand_on_import() returns trigger language plpgsql as $$
begin
  insert into contributions (object_id, institution_id, kind, account, people)
  select new.version_id, institution_id, kind, account, people from contributions where object_id = new.id on conflict do nothing;
  return null;
end $$;
create trigger imports_version after update on imports for each row when (old.version_id is null and new.version_id is not null)
  execute function hand_on_import();
`;

/** What was done before, from the rows that name an account and from the audit log, which names one for every change. */
const backfill = `
insert into contributions (object_id, institution_id, kind, account, people, at)
  select id, institution_id, 'requested', requested_by, array[requested_by], created_at from jobs where requested_by like 'usr\\_%'
  union all select id, institution_id, 'registered', requested_by, array[requested_by], created_at from imports where requested_by like 'usr\\_%'
  union all select version_id, institution_id, 'registered', requested_by, array[requested_by], created_at from imports
    where requested_by like 'usr\\_%' and version_id is not null
  union all select id, institution_id, 'proposed', proposer_id, array[proposer_id], proposed_at from alias_proposals where proposer_id like 'usr\\_%'
  union all select id, institution_id, 'proposed', lift_asked_by, array[lift_asked_by], lift_asked_at from legal_holds where lift_asked_by like 'usr\\_%'
on conflict do nothing;
insert into contributions (object_id, institution_id, kind, account, people, at)
  select v.id, v.institution_id, case a.action when 'version.draft' then 'registered' when 'version.files' then 'uploaded' else 'submitted' end,
    a.actor_id, array[a.actor_id], a.at
  from versions v join models m on m.id = v.model_id
    join audit_entries a on a.object = m.namespace || '/' || m.slug || '@' || v.number and a.institution_id = v.institution_id
  where a.action in ('version.draft', 'version.files', 'version.seal', 'version.submit') and a.actor_id like 'usr\\_%'
  union all select dv.id, dv.institution_id, 'supplied_data', a.actor_id, array[a.actor_id], a.at
  from dataset_versions dv join datasets d on d.id = dv.dataset_id
    join audit_entries a on a.object = 'datasets/' || d.namespace || '/' || d.slug || '@' || dv.number and a.institution_id = dv.institution_id
  where a.action = 'dataset.version' and a.actor_id like 'usr\\_%'
  union all select j.id, j.institution_id, 'trained', a.actor_id, array[a.actor_id], a.at
  from jobs j join audit_entries a on a.object = j.id and a.institution_id = j.institution_id
  where a.action in ('job.resume', 'job.retry') and a.actor_id like 'usr\\_%'
on conflict do nothing;
`;

/**
 * By what an account turns out to be the person of another: its address, and a sign-in that joined both in one browser. Asked past the
 * policies, since one person's accounts lie in several institutions; the answer goes to the rule, never to a viewer.
 */
const keys = `
alter table users add column kind text not null default 'person' constraint users_kind check (kind in ('person', 'service'));
-- Shared by all accounts that one person was seen to hold at once.
alter table users add column person text;
create index users_person on users (person) where person is not null;
create function people_behind(accounts text[]) returns table (id text, kind text, name text, keys text[]) language plpgsql as $$
#variable_conflict use_column
declare reach_before text := coalesce(current_setting('app.reach', true), '');
begin
  perform set_config('app.reach', 'system', true);
  return query
    select u.id, u.kind, u.name, case when u.kind = 'service' then array[u.id] else
      array_remove(array[u.id, 'address ' || u.email, 'person ' || u.person], null) end
    from users u where u.id = any(accounts);
  perform set_config('app.reach', reach_before, true);
end $$;
`;

export const contributionTables = [tables, notes, backfill, keys];
