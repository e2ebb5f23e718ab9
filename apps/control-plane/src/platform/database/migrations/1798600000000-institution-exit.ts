import type { MigrationInterface, QueryRunner } from "typeorm";
import { metadataPolicy } from "./create-pyramid/row-security.js";
import { leavingTriggers, readOnly } from "./exit/read-only.js";

const PLATFORM = "'ins_00000000000000000000000000000000'";

/** Institutions leave: read only at first, then erased up to the tombstones of their lineage. */
export class InstitutionExit1798600000000 implements MigrationInterface {
  name = "InstitutionExit1798600000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("select set_config('app.reach', 'system', true)");
    const policies = ["institution_exits", "institution_exports", "erased_files"].map(metadataPolicy).join("\n");
    for (const part of [tables, policies, moves, erasing, redaction, readOnly, granted]) await runner.query(part);
    const owned: { name: string }[] = await runner.query(
      `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'institution_id' and not a.attisdropped
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1`,
    );
    for (const { name } of owned) for (const trigger of leavingTriggers(name)) await runner.query(trigger);
  }

  async down(): Promise<void> {
    throw new Error(
      "Institutions that have left would be open again, without what was theirs; restore a copy of the data directory instead.",
    );
  }
}

const tables = `
alter table institutions add column state text not null default 'active'
  constraint institutions_state check (state in ('active', 'leaving', 'erasing', 'erased'));

create table institution_exits (
  id text constraint institution_exits_pk primary key,
  institution_id text not null constraint institution_exits_institution references institutions (id),
  state text not null default 'leaving' constraint institution_exits_state check (state in ('leaving', 'erasing', 'erased', 'cancelled')),
  reason text not null,
  started_by text not null,
  started_by_name text not null,
  started_side text not null constraint institution_exits_side check (started_side in ('institution', 'platform')),
  started_at timestamptz not null default now(),
  approved_by text,
  approved_by_name text,
  approved_side text,
  approved_at timestamptz,
  -- Why the data goes although no current export was made; null where one was.
  waiver text,
  erases_at timestamptz,
  export_id text,
  -- What kept the erasure from beginning when its time had come.
  blockers jsonb not null default '[]',
  began_at timestamptz,
  -- Steps of the erasure that are done, and what each table lost so far.
  steps_done int not null default 0,
  counts jsonb not null default '{}',
  finished_at timestamptz,
  cancelled_by_name text,
  cancel_reason text,
  -- Opens the certificate to whoever was given it, when nobody can sign in any more.
  certificate_key text not null constraint institution_exits_key unique,
  certificate json,
  -- What broke at the last attempt, for the operator.
  detail text,
  due_at timestamptz,
  -- Whoever asked for it does not approve it, nor does anybody of the same side.
  constraint institution_exits_two_sides check (approved_by is null or (approved_by <> started_by and approved_side <> started_side))
);
create trigger institution_exits_contribution after insert on institution_exits for each row execute function note_own_contribution('proposed');
create unique index institution_exits_open on institution_exits (institution_id) where state in ('leaving', 'erasing');
create index institution_exits_due on institution_exits (due_at) where due_at is not null;

create table institution_exports (
  id text constraint institution_exports_pk primary key,
  institution_id text not null constraint institution_exports_institution references institutions (id),
  state text not null default 'queued' constraint institution_exports_state check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  requested_by text not null,
  requested_by_name text not null,
  created_at timestamptz not null default now(),
  -- The moment its rows were read at.
  as_of timestamptz,
  files_done int not null default 0,
  files_total int,
  bytes_done bigint not null default 0,
  bytes_total bigint,
  -- Bytes of the archive and of its list that are on disk for good: where work goes on after a kill.
  archive_bytes bigint not null default 0,
  list_bytes bigint not null default 0,
  cursor text not null default '',
  -- Changes of the institution's things that it shows; more since mean that it is old.
  changes int not null default 0,
  lease_id text,
  missing text[] not null default '{}',
  tables jsonb not null default '[]',
  manifest_sha256 text,
  detail text,
  finished_at timestamptz,
  due_at timestamptz default now()
);
create index institution_exports_institution_id on institution_exports (institution_id, id);
create unique index institution_exports_open on institution_exports (institution_id) where state in ('queued', 'running');
create index institution_exports_due on institution_exports (due_at) where due_at is not null;

-- Files that an institution held when its erasure began. A blob's row goes in one transaction and its file in the next, so that a kill leaves
-- a note and no damage.
create table erased_files (
  exit_id text not null constraint erased_files_exit references institution_exits (id),
  sha256 text not null,
  institution_id text not null constraint erased_files_institution references institutions (id),
  size_bytes bigint not null,
  fate text not null default 'noted' constraint erased_files_fate check (fate in ('noted', 'forgotten', 'removed', 'kept')),
  constraint erased_files_pk primary key (exit_id, sha256)
);
create index erased_files_waiting on erased_files (exit_id, sha256) where fate in ('noted', 'forgotten');
`;

/** The last word on who goes: whatever code moves the state, two sides have spoken and no hold is in force. */
const moves = `
create function refuse_illegal_exit() returns trigger language plpgsql as $$
begin
  if old.id = ${PLATFORM} or (old.state, new.state) not in (('active', 'leaving'), ('leaving', 'active'), ('leaving', 'erasing'), ('erasing', 'erased')) then
    raise exception 'institution % does not go from % to %', old.id, old.state, new.state using errcode = 'ZG005';
  end if;
  if new.state = 'erasing' and (
       not exists (select from institution_exits x where x.institution_id = old.id and x.state in ('leaving', 'erasing') and x.approved_by is not null and x.erases_at <= now())
       or exists (select from legal_holds h where h.lifted_at is null and (h.institution_id = old.id or h.held_institution_id = old.id))) then
    raise exception 'institution % is not to be erased', old.id using errcode = 'ZG005';
  end if;
  return new;
end $$;
create trigger institutions_exit before update on institutions for each row when (old.state is distinct from new.state) execute function refuse_illegal_exit();
`;

/** Records are kept from every change but one: the erasure of an institution whose state says so, by the platform's own machinery. */
const erasing = `
create function app_erases(owner text) returns boolean language sql stable as $$
  select coalesce(app_reach() = 'system' and current_setting('app.erases', true) = owner
    and exists (select from institutions where id = owner and state = 'erasing'), false)
$$;
create or replace function refuse_change() returns trigger language plpgsql as $$
begin
  -- What proves lineage and the log stays whatever happens.
  if tg_table_name <> all(array['edges', 'dataset_uses', 'audit_chain', 'audit_checkpoints', 'audit_tree_heads', 'tombstones', 'purged_files', 'version_seals'])
     and app_erases(to_jsonb(old) ->> 'institution_id')
  then return case tg_op when 'DELETE' then old else new end; end if;
  raise exception '% is append-only', tg_table_name using errcode = 'ZG002';
end $$;
create or replace function refuse_hold_change() returns trigger language plpgsql as $$
declare moves constant text[] := array['lift_asked_by','lift_asked_by_name','lift_asked_at','lift_reason','lifted_by','lifted_by_name','lifted_at'];
begin
  if tg_op = 'UPDATE' and old.lifted_at is not null and app_erases(old.institution_id) then return new; end if;
  if tg_op = 'DELETE' or old.lifted_at is not null or (to_jsonb(new) - moves) is distinct from (to_jsonb(old) - moves) then
    raise exception 'legal hold % is a record', old.id using errcode = 'ZG002';
  end if;
  return new;
end $$;
create or replace function refuse_sealed_change() returns trigger language plpgsql as $$
declare free text[] := array['state','released_at','updated_at','line_id','line_seq'] ||
  case when app_erases(old.institution_id) then array['notes', 'created_by', 'inspection'] else '{}' end;
begin
  if tg_op = 'DELETE' then
    if old.state <> 'draft' then raise exception 'version % is sealed', old.id using errcode = 'ZG001'; end if;
    return old;
  end if;
  if old.state <> 'draft' and (to_jsonb(new) - free) is distinct from (to_jsonb(old) - free)
  then raise exception 'version % is sealed', old.id using errcode = 'ZG001'; end if;
  if old.state <> 'draft' and new.state = 'draft' then raise exception 'version % is sealed', old.id using errcode = 'ZG001'; end if;
  if old.line_id is not null and (new.line_id, new.line_seq) is distinct from (old.line_id, old.line_seq)
  then raise exception 'version % keeps its line', old.id using errcode = 'ZG001'; end if;
  return new;
end $$;
create or replace function refuse_dataset_change() returns trigger language plpgsql as $$
declare free text[] := array['stored_sha256'] || case when app_erases(old.institution_id) then array['notes', 'created_by'] else '{}' end;
begin
  if tg_op = 'UPDATE' and new.stored_sha256 is null and (to_jsonb(new) - free) = (to_jsonb(old) - free)
     and exists (select 1 from tombstones where dataset_version_id = new.id)
  then return new; end if;
  raise exception 'dataset_versions is append-only' using errcode = 'ZG002';
end $$;
`;

/** An entry of an erased institution keeps its place, its digest and what was done to which version; names and free words go. */
const redaction = `
alter table audit_entries add column redacted_at timestamptz;
create function refuse_entry_change() returns trigger language plpgsql as $$
declare words constant text[] := array['actor_name', 'object', 'reason', 'request_id', 'redacted_at'];
begin
  if tg_op = 'UPDATE' and new.redacted_at is not null and new.actor_name = 'erased' and new.reason = '' and new.request_id is null
     and (new.object = old.object or new.object = 'erased')
     and (to_jsonb(new) - words) = (to_jsonb(old) - words) and app_erases(old.institution_id)
  then return new; end if;
  raise exception 'audit_entries is append-only' using errcode = 'ZG002';
end $$;
drop trigger audit_entries_append_only on audit_entries;
create trigger audit_entries_append_only before update or delete on audit_entries for each row execute function refuse_entry_change();
`;

/** What could not be removed at all can be by an erasure alone: where no trigger stood, one does now. */
const granted = `
grant select, insert, update on institution_exits, institution_exports, erased_files to ziggurat_app;
create trigger notices_kept before delete on notices for each row execute function refuse_change();
create trigger verifications_kept before delete on verifications for each row execute function refuse_change();
create trigger integrity_checks_kept before delete on integrity_checks for each row execute function refuse_change();
create trigger quotas_kept before delete on quotas for each row execute function refuse_change();
create trigger service_accounts_kept before delete on service_accounts for each row execute function refuse_change();
create trigger custom_roles_kept before delete on custom_roles for each row execute function refuse_change();
grant delete on notices, verifications, integrity_checks, support_tellings, alias_proposals, alias_guards, alias_moves, deprecations,
  quotas, quota_proposals, quota_warnings, contributions, service_accounts, custom_roles to ziggurat_app;
grant update on version_states, charges, statements to ziggurat_app;
-- What was charged stays when the job is gone; its id then names nothing.
alter table charges drop constraint charges_attempt, drop constraint charges_job;
`;
