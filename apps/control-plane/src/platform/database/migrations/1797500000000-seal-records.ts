import type { MigrationInterface, QueryRunner } from "typeorm";
import { cataloguePolicy } from "./create-pyramid/row-security.js";

/** What each version was when it was sealed, so that rows changed past every trigger are found. */
export class SealRecords1797500000000 implements MigrationInterface {
  name = "SealRecords1797500000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    await runner.query(cataloguePolicy("version_seals"));
    await runner.query("grant select, insert on version_seals to ziggurat_app");
  }

  async down(): Promise<void> {
    throw new Error("What was sealed is evidence; restore a copy of the data directory instead.");
  }
}

const tables = `
create table version_seals (
  version_id text constraint version_seals_pk primary key constraint version_seals_version references versions (id),
  institution_id text not null,
  -- "baseline": the version is older than this table, and the record says what was found at that instant.
  origin text not null default 'sealing' constraint version_seals_origin check (origin in ('sealing', 'baseline')),
  at timestamptz not null default now(),
  -- The canonical JSON itself, since its digest is what the audit entry of the sealing holds.
  record text not null
);
create trigger version_seals_append_only before update or delete on version_seals for each row execute function refuse_change();
-- What the rows say that the record of the sealing does not.
alter table verifications add column altered jsonb not null default '[]';
`;
