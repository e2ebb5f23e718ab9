import type { MigrationInterface, QueryRunner } from "typeorm";
import { metadataPolicy } from "./create-pyramid/row-security.js";

/** Verifications of stored bytes, and when each version was last found to be what it was sealed as. */
export class Integrity1796600000000 implements MigrationInterface {
  name = "Integrity1796600000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    for (const table of ["verifications", "integrity_checks"]) await runner.query(metadataPolicy(table));
    await runner.query("grant select, insert, update on verifications, integrity_checks to ziggurat_app");
  }

  async down(): Promise<void> {
    throw new Error("Findings about stored bytes are not thrown away; restore a copy of the data directory instead.");
  }
}

const tables = `
create table verifications (
  id text constraint verifications_pk primary key,
  institution_id text not null constraint verifications_institution references institutions (id),
  version_id text not null constraint verifications_version references versions (id),
  state text not null default 'queued',
  cause text not null,
  requested_by text not null,
  bytes_done bigint not null default 0,
  bytes_total bigint not null,
  bad_path text,
  bad_problem text,
  detail text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  -- When the row wants attention; null once there is a result.
  due_at timestamptz default now()
);
create index verifications_version_id on verifications (version_id, id);
create index verifications_institution_id on verifications (institution_id, id);
create index verifications_due on verifications (due_at) where due_at is not null;
-- A version is read once at a time, whoever asks.
create unique index verifications_open on verifications (version_id) where finished_at is null;

create table integrity_checks (
  version_id text constraint integrity_checks_pk primary key constraint integrity_checks_version references versions (id),
  institution_id text not null constraint integrity_checks_institution references institutions (id),
  checked_at timestamptz not null
);
create index integrity_checks_checked_at on integrity_checks (checked_at);
`;
