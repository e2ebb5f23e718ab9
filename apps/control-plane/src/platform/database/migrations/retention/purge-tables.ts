export const purgeTables = `
-- What is left of a version or dataset version whose files were dropped. Its row, its edges and its audit entries stay where they are.
create table tombstones (
  id text constraint tombstones_pk primary key,
  institution_id text not null constraint tombstones_institution references institutions (id),
  version_id text constraint tombstones_version unique constraint tombstones_version_fk references versions (id),
  dataset_version_id text constraint tombstones_dataset_version unique constraint tombstones_dataset_version_fk references dataset_versions (id),
  reason text not null,
  purged_by text not null,
  purged_by_name text not null,
  purged_at timestamptz not null default now(),
  state_before text,
  files int not null,
  size_bytes bigint not null,
  constraint tombstones_one_subject check ((version_id is null) <> (dataset_version_id is null))
);
create index tombstones_institution_id on tombstones (institution_id, id);
create trigger tombstones_append_only before update or delete on tombstones for each row execute function refuse_change();

-- The list of files of a purged version: what its root digest stands for, without keeping the bytes.
create table purged_files (
  version_id text not null constraint purged_files_version references versions (id),
  institution_id text not null constraint purged_files_institution references institutions (id),
  path text not null,
  sha256 text not null,
  size_bytes bigint not null,
  kind text not null,
  constraint purged_files_pk primary key (version_id, path)
);
create trigger purged_files_append_only before update or delete on purged_files for each row execute function refuse_change();

-- Last line of defence, whatever code or race writes the tombstone: nothing live and nothing held is purged.
create function refuse_illegal_purge() returns trigger language plpgsql as $$
declare v versions; d dataset_versions; held boolean;
begin
  if new.version_id is not null then
    select * into v from versions where id = new.version_id for update;
    if v.state not in ('draft', 'retired', 'quarantined', 'recalled') then
      raise exception 'version % is %', v.id, v.state using errcode = 'ZG004';
    end if;
    select exists (select 1 from legal_holds h where h.lifted_at is null
      and (h.version_id = v.id or h.model_id = v.model_id or h.held_institution_id = v.institution_id)) into held;
  else
    select * into d from dataset_versions where id = new.dataset_version_id for update;
    select exists (select 1 from legal_holds h where h.lifted_at is null
      and (h.dataset_version_id = d.id or h.held_institution_id = d.institution_id)) into held;
  end if;
  if held then raise exception 'a legal hold keeps %', coalesce(new.version_id, new.dataset_version_id) using errcode = 'ZG004'; end if;
  return new;
end $$;
create trigger tombstones_legal before insert on tombstones for each row execute function refuse_illegal_purge();

-- A sealed version's file goes only once its line has been kept; nothing is added to what was purged.
create or replace function refuse_sealed_file_change() returns trigger language plpgsql as $$
declare owner_state text; of_version text := coalesce(new.version_id, old.version_id);
begin
  select state into owner_state from versions where id = of_version for share;
  if exists (select 1 from tombstones where version_id = of_version) then
    if tg_op = 'DELETE' and exists (select 1 from purged_files p where p.version_id = old.version_id and p.path = old.path and p.sha256 = old.sha256)
    then return old; end if;
    raise exception 'version % was purged', of_version using errcode = 'ZG004';
  end if;
  if owner_state is distinct from 'draft' then
    raise exception 'files of version % are sealed', of_version using errcode = 'ZG001';
  end if;
  return coalesce(new, old);
end $$;

-- A purged version is of no use any more: it can still be recalled, and nothing else.
create function refuse_purged_move() returns trigger language plpgsql as $$
begin
  if exists (select 1 from tombstones where version_id = new.id) then
    raise exception 'version % was purged', new.id using errcode = 'ZG004';
  end if;
  return new;
end $$;
create trigger versions_purged_move before update on versions for each row
  when (old.state is distinct from new.state and new.state <> 'recalled') execute function refuse_purged_move();

-- Nothing new stands on what was purged. Runs after the trigger that waits for whoever moves the parent.
create function refuse_purged_parent() returns trigger language plpgsql as $$
begin
  if exists (select 1 from tombstones where version_id = new.parent_id) then
    raise exception 'parent % was purged', new.parent_id using errcode = 'ZG004';
  end if;
  return new;
end $$;
create trigger edges_standing before insert on edges for each row execute function refuse_purged_parent();
create function refuse_purged_input() returns trigger language plpgsql as $$
declare input text := to_jsonb(new) ->> tg_argv[0];
begin
  if input is not null and exists (select 1 from tombstones where version_id = input or dataset_version_id = input) then
    raise exception 'input % was purged', input using errcode = 'ZG004';
  end if;
  return new;
end $$;
create trigger jobs_standing before insert on jobs for each row execute function refuse_purged_input('parent_version_id');
create trigger job_datasets_standing before insert on job_datasets for each row execute function refuse_purged_input('dataset_version_id');

-- Where the rows of a dataset version lie as long as they are kept. Its digest stays what it was.
drop trigger dataset_versions_append_only on dataset_versions;
alter table dataset_versions add column stored_sha256 text constraint dataset_versions_stored references blobs (sha256);
update dataset_versions set stored_sha256 = sha256;
alter table dataset_versions drop constraint dataset_versions_blob;
create index dataset_versions_stored_sha256 on dataset_versions (stored_sha256) where stored_sha256 is not null;
create function store_dataset_rows() returns trigger language plpgsql as $$
begin
  new.stored_sha256 := new.sha256;
  return new;
end $$;
create trigger dataset_versions_store before insert on dataset_versions for each row execute function store_dataset_rows();
create function refuse_dataset_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.stored_sha256 is null and (to_jsonb(new) - 'stored_sha256') = (to_jsonb(old) - 'stored_sha256')
     and exists (select 1 from tombstones where dataset_version_id = new.id)
  then return new; end if;
  raise exception 'dataset_versions is append-only' using errcode = 'ZG002';
end $$;
create trigger dataset_versions_append_only before update or delete on dataset_versions for each row execute function refuse_dataset_change();
`;
