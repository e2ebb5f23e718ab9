import type { MigrationInterface, QueryRunner } from "typeorm";
import { metadataPolicy } from "./create-pyramid/row-security.js";

/** When bytes were last claimed by whoever brought them, and the removal of those that nobody needs. */
export class CollectGarbage1797400000000 implements MigrationInterface {
  name = "CollectGarbage1797400000000";

  async up(runner: QueryRunner): Promise<void> {
    // An owner who is no superuser is held to the policies too, and must see every row to bring it over.
    await runner.query("select set_config('app.reach', 'system', true)");
    await runner.query(tables);
    for (const table of ["garbage_collections", "blob_removals"]) await runner.query(metadataPolicy(table));
    await runner.query("grant select, insert, update on garbage_collections, blob_removals to ziggurat_app");
  }

  async down(): Promise<void> {
    throw new Error("What was removed cannot be brought back; restore a copy of the data directory instead.");
  }
}

const tables = `
-- When the institution last brought these bytes or asked whether they are here: uses that are not written yet may follow.
alter table blob_grants add column claimed_at timestamptz;
update blob_grants set claimed_at = created_at;
alter table blob_grants alter column claimed_at set not null, alter column claimed_at set default now();
-- Advisory lock of what makes, continues or removes a file of this name.
create function blob_lock(name text) returns bigint language sql immutable as $$ select hashtextextended('blob ' || name, 0) $$;
-- A blob is removed only after a look for everything that refers to it.
create index blob_grants_sha256 on blob_grants (sha256);
create index evaluations_items_sha256 on evaluations (items_sha256);
-- Whatever was brought since the oldest unfinished job of an institution may be that job's.
create index jobs_unfinished on jobs (institution_id, created_at) where finished_at is null;

create table garbage_collections (
  id text constraint garbage_collections_pk primary key,
  -- The platform: what nobody needs belongs to nobody.
  institution_id text not null constraint garbage_collections_institution references institutions (id),
  -- Whatever was claimed since stays.
  until timestamptz not null,
  reason text not null,
  requested_by text not null,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  expected_count int not null,
  expected_bytes bigint not null,
  uploads int not null default 0,
  upload_bytes bigint not null default 0,
  strays int not null default 0,
  stray_bytes bigint not null default 0,
  -- The last digest looked at; files are taken in order of digests.
  cursor text not null default '',
  detail text,
  -- When the row wants attention; null once it is done.
  due_at timestamptz default now(),
  constraint garbage_collections_reason check (btrim(reason) <> '')
);
create index garbage_collections_due on garbage_collections (due_at) where due_at is not null;
create unique index garbage_collections_open on garbage_collections ((true)) where finished_at is null;

-- Noted in the transaction that forgets a blob, before its file goes: a process killed in between leaves a note, not a lost file.
create table blob_removals (
  collection_id text not null constraint blob_removals_collection references garbage_collections (id),
  sha256 text not null,
  institution_id text not null constraint blob_removals_institution references institutions (id),
  size_bytes bigint not null,
  noted_at timestamptz not null default now(),
  -- When the file was gone, or was seen to be somebody's again.
  settled_at timestamptz,
  came_back boolean not null default false,
  constraint blob_removals_pk primary key (collection_id, sha256)
);
create index blob_removals_open on blob_removals (collection_id, sha256) where settled_at is null;
`;
