import type { MigrationInterface, QueryRunner } from "typeorm";
import { cataloguePolicy, metadataPolicy } from "./create-pyramid/row-security.js";

/** Recalls with the versions each holds, notices that institutions confirm, and the mark of a recall on a running job. */
export class Recalls1796500000000 implements MigrationInterface {
  name = "Recalls1796500000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    for (const table of ["recalls", "recall_items", "notices"]) await runner.query(metadataPolicy(table));
    await runner.query(cataloguePolicy("withdrawn_datasets"));
    await runner.query("grant select, insert, update on recalls, recall_items, notices to ziggurat_app");
    await runner.query("grant select, insert, delete on withdrawn_datasets to ziggurat_app");
  }

  async down(): Promise<void> {
    throw new Error("A recall that was made cannot be unmade by going back; restore a copy of the data directory instead.");
  }
}

const tables = `
create table recalls (
  id text constraint recalls_pk primary key,
  -- Owner of what is withdrawn.
  institution_id text not null constraint recalls_institution references institutions (id),
  version_id text constraint recalls_version references versions (id),
  dataset_version_id text constraint recalls_dataset_version references dataset_versions (id),
  state text not null,
  reason text not null,
  expected int not null,
  acknowledge_by timestamptz not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  -- How far the pass over the versions has come; a crash goes on from here.
  cursor_line bigint,
  cursor_seq int,
  -- When the row wants attention; null when nothing is to be done.
  due_at timestamptz default now(),
  jobs_cancelled int not null default 0,
  jobs_flagged int not null default 0,
  lifted_at timestamptz,
  lifted_by text,
  lift_reason text,
  constraint recalls_one_subject check ((version_id is null) <> (dataset_version_id is null))
);
create index recalls_institution_id on recalls (institution_id, id);
create index recalls_due on recalls (due_at) where due_at is not null;
-- The same thing is not recalled twice at a time, whoever races.
create unique index recalls_version_once on recalls (version_id) where state <> 'lifted';
create unique index recalls_dataset_version_once on recalls (dataset_version_id) where state <> 'lifted';

create table recall_items (
  recall_id text not null constraint recall_items_recall references recalls (id),
  version_id text not null constraint recall_items_version references versions (id),
  institution_id text not null constraint recall_items_institution references institutions (id),
  -- The state it was taken from; 'recalled' when another cause held it already.
  before_state text not null,
  blocked_at timestamptz not null default now(),
  lifted_at timestamptz,
  constraint recall_items_pk primary key (recall_id, version_id)
);
create index recall_items_version_id on recall_items (version_id) where lifted_at is null;
create index recall_items_institution_id on recall_items (institution_id, recall_id);

-- Data under a recall. A table of its own, since everyone must see that shared data is withdrawn, and not everyone the recall.
create table withdrawn_datasets (
  dataset_version_id text constraint withdrawn_datasets_pk primary key constraint withdrawn_datasets_dataset references dataset_versions (id),
  institution_id text not null constraint withdrawn_datasets_institution references institutions (id),
  recall_id text not null constraint withdrawn_datasets_recall references recalls (id)
);

create table notices (
  id text constraint notices_pk primary key,
  institution_id text not null constraint notices_institution references institutions (id),
  kind text not null,
  subject text not null,
  recall_id text constraint notices_recall references recalls (id),
  -- Slug of the institution whose word is missing, and which step this is, in a notice that passes a missed deadline on.
  about text,
  step int not null default 0,
  reason text not null,
  created_at timestamptz not null default now(),
  acknowledge_by timestamptz,
  seen_at timestamptz,
  acknowledged_at timestamptz,
  acknowledged_by text,
  escalations int not null default 0
);
create index notices_institution_id on notices (institution_id, id);
create index notices_deadline on notices (acknowledge_by) where acknowledged_at is null and acknowledge_by is not null;
-- Told once, however often the telling is repeated.
create unique index notices_once on notices (institution_id, kind, recall_id, coalesce(about, ''), step) where recall_id is not null;

alter table jobs add column flagged_by text constraint jobs_flagged_by references recalls (id);
create index jobs_parent_version_id on jobs (parent_version_id) where state not in ('succeeded', 'failed', 'cancelled');
create index jobs_flagged on jobs (flagged_by) where flagged_by is not null;
create index job_datasets_dataset_version_id on job_datasets (dataset_version_id);
`;
