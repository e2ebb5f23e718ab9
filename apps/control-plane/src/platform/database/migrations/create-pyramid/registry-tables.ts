export const registryTables = `
-- Bytes by digest. A blob belongs to nobody; a grant says which institution brought or may read it.
create table blobs (
  sha256 text constraint blobs_pk primary key,
  size_bytes bigint not null,
  created_at timestamptz not null default now()
);
create table blob_grants (
  institution_id text not null constraint blob_grants_institution references institutions (id),
  sha256 text not null constraint blob_grants_blob references blobs (sha256),
  created_at timestamptz not null default now(),
  constraint blob_grants_pk primary key (institution_id, sha256)
);

create table models (
  id text constraint models_pk primary key,
  institution_id text not null constraint models_institution references institutions (id),
  namespace text not null,
  slug text not null,
  tier text not null,
  name text not null,
  card jsonb not null,
  licence text,
  terms jsonb not null,
  scenario text,
  next_version int not null default 1,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint models_ref unique (namespace, slug)
);
create index models_institution_id on models (institution_id, id);

create table versions (
  id text constraint versions_pk primary key,
  institution_id text not null constraint versions_institution references institutions (id),
  model_id text not null constraint versions_model references models (id),
  number int not null,
  tier text not null,
  state text not null default 'draft',
  artifact_kind text not null,
  root_digest text,
  size_bytes bigint not null default 0,
  parameters bigint,
  notes text not null default '',
  effective_terms jsonb not null,
  job_id text,
  method text,
  line_id bigint,
  line_seq int,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  sealed_at timestamptz,
  released_at timestamptz,
  constraint versions_number unique (model_id, number),
  constraint versions_job unique (job_id),
  constraint versions_sealed check (state = 'draft' or (root_digest is not null and sealed_at is not null))
);
create index versions_institution_id on versions (institution_id, id);
create unique index versions_line on versions (line_id, line_seq);
create index versions_tier on versions (tier, id);

create table version_files (
  version_id text not null constraint version_files_version references versions (id),
  institution_id text not null constraint version_files_institution references institutions (id),
  path text not null,
  sha256 text not null constraint version_files_blob references blobs (sha256),
  size_bytes bigint not null,
  kind text not null,
  constraint version_files_pk primary key (version_id, path)
);
create index version_files_sha256 on version_files (sha256);

create table aliases (
  model_id text not null constraint aliases_model references models (id),
  name text not null,
  institution_id text not null constraint aliases_institution references institutions (id),
  version_id text not null constraint aliases_version references versions (id),
  moved_by text not null,
  moved_at timestamptz not null default now(),
  reason text not null default '',
  constraint aliases_pk primary key (model_id, name)
);
create index aliases_version_id on aliases (version_id);

create table datasets (
  id text constraint datasets_pk primary key,
  institution_id text not null constraint datasets_institution references institutions (id),
  namespace text not null,
  slug text not null,
  name text not null,
  format text not null,
  licence text not null,
  legal_basis text not null,
  sensitivity text not null,
  languages text[] not null,
  description text not null,
  next_version int not null default 1,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint datasets_ref unique (namespace, slug)
);
create index datasets_institution_id on datasets (institution_id, id);

create table dataset_versions (
  id text constraint dataset_versions_pk primary key,
  institution_id text not null constraint dataset_versions_institution references institutions (id),
  dataset_id text not null constraint dataset_versions_dataset references datasets (id),
  number int not null,
  sha256 text not null constraint dataset_versions_blob references blobs (sha256),
  size_bytes bigint not null,
  rows int not null,
  characters bigint not null,
  notes text not null default '',
  created_by text not null,
  created_at timestamptz not null default now(),
  constraint dataset_versions_number unique (dataset_id, number)
);

-- Sealed means sealed: only the state and its dates may move on, whoever writes.
create function refuse_sealed_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if old.state <> 'draft' then raise exception 'version % is sealed', old.id using errcode = 'ZG001'; end if;
    return old;
  end if;
  if old.state <> 'draft' and
     (to_jsonb(new) - array['state','released_at','updated_at','line_id','line_seq']) is distinct from
     (to_jsonb(old) - array['state','released_at','updated_at','line_id','line_seq'])
  then raise exception 'version % is sealed', old.id using errcode = 'ZG001'; end if;
  if old.state <> 'draft' and new.state = 'draft' then raise exception 'version % is sealed', old.id using errcode = 'ZG001'; end if;
  if old.line_id is not null and (new.line_id, new.line_seq) is distinct from (old.line_id, old.line_seq)
  then raise exception 'version % keeps its line', old.id using errcode = 'ZG001'; end if;
  return new;
end $$;
create trigger versions_sealed_change before update or delete on versions for each row execute function refuse_sealed_change();

create function refuse_sealed_file_change() returns trigger language plpgsql as $$
declare owner_state text;
begin
  select state into owner_state from versions where id = coalesce(new.version_id, old.version_id) for share;
  if owner_state is distinct from 'draft' then
    raise exception 'files of version % are sealed', coalesce(new.version_id, old.version_id) using errcode = 'ZG001';
  end if;
  return coalesce(new, old);
end $$;
create trigger version_files_sealed before insert or update or delete on version_files for each row execute function refuse_sealed_file_change();

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'ZG002';
end $$;
create trigger dataset_versions_append_only before update or delete on dataset_versions for each row execute function refuse_change();
`;
