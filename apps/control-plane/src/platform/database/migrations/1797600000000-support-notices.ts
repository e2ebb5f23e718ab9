import type { MigrationInterface, QueryRunner } from "typeorm";
import { metadataPolicy } from "./create-pyramid/row-security.js";

/** Which steps before an end of support have been told, so that each is told once whoever asks. */
export class SupportNotices1797600000000 implements MigrationInterface {
  name = "SupportNotices1797600000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    await runner.query(metadataPolicy("support_tellings"));
    await runner.query("grant select, insert on support_tellings to ziggurat_app");
  }

  async down(): Promise<void> {
    throw new Error("What institutions were told is evidence; restore a copy of the data directory instead.");
  }
}

const tables = `
-- Step 0: when the end was stated; each further one at a distance of the operator's choice before it.
create table support_tellings (
  version_id text not null constraint support_tellings_version references versions (id),
  step int not null,
  institution_id text not null constraint support_tellings_institution references institutions (id),
  told_at timestamptz not null default now(),
  constraint support_tellings_pk primary key (version_id, step)
);
create trigger support_tellings_append_only before update or delete on support_tellings for each row execute function refuse_change();
create index deprecations_ends_at on deprecations (ends_at) where ends_at is not null;

-- How many versions of the institution a notice is about, where no recall counts them.
alter table notices add column versions int;
`;
