import type { MigrationInterface, QueryRunner } from "typeorm";
import { policy } from "./create-pyramid/row-security.js";

/** Where an import comes from is its institution's own affair: no policy for the platform's people. */
const own = "app_reach() = 'system' or institution_id = app_institution()";

const tables = `
create table imports (
  id text constraint imports_pk primary key,
  institution_id text not null constraint imports_institution references institutions (id),
  model_id text not null constraint imports_model references models (id),
  -- What was asked for, as the contract says it; never a secret.
  request jsonb not null,
  state text not null,
  -- The fixed revision, once a moving one was resolved.
  revision text,
  failure jsonb,
  files_total int,
  files_done int not null default 0,
  bytes_total bigint,
  bytes_done bigint not null default 0,
  bytes_per_second double precision,
  -- Whoever holds the lease transfers; it is renewed every second and lapses with a killed process.
  lease_id text,
  lease_until timestamptz,
  -- When the row wants attention; the reconciler enqueues whatever is due. Null when nothing is to be done.
  due_at timestamptz default now(),
  -- Turns in a row that ended by our own mistake.
  mishaps int not null default 0,
  version_id text constraint imports_version unique constraint imports_version_fk references versions (id),
  requested_by text not null,
  requested_by_name text not null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  updated_at timestamptz not null default now(),
  constraint imports_done check ((state = 'done') = (version_id is not null))
);
create index imports_institution_id on imports (institution_id, id);
create index imports_model_id on imports (model_id, id);
create index imports_due on imports (due_at) where due_at is not null;

create table import_files (
  import_id text not null constraint import_files_import references imports (id),
  n int not null,
  institution_id text not null constraint import_files_institution references institutions (id),
  path text not null,
  size_bytes bigint not null,
  -- What the source says the bytes are, as far as it says anything.
  sha256 text,
  git_sha1 text,
  -- What pins these very bytes at the source: entity tag, version, or a file's place and times.
  mark text,
  -- Set once every byte is here and is what the source said.
  stored_sha256 text constraint import_files_blob references blobs (sha256),
  constraint import_files_pk primary key (import_id, n)
);
create index import_files_stored on import_files (stored_sha256) where stored_sha256 is not null;
${policy("imports", own)}
${policy("import_files", own)}
grant select, insert, update, delete on imports, import_files to ziggurat_app;
`;

export class CreateImports1796100000000 implements MigrationInterface {
  name = "CreateImports1796100000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table import_files; drop table imports;");
  }
}
