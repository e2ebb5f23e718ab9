import type { MigrationInterface, QueryRunner } from "typeorm";
import { metadataPolicy } from "./create-pyramid/row-security.js";
import { leavingTriggers } from "./exit/read-only.js";

const TABLES = ["scheduling_policies", "reservations"];
const PLATFORM = "'ins_00000000000000000000000000000000'";

/** How capacity is shared, by revisions that stay, and what is held for whom. Both are the platform's to set. */
export class SchedulingPolicy1799000000001 implements MigrationInterface {
  name = "SchedulingPolicy1799000000001";

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [tables, ...TABLES.map(metadataPolicy), platformAlone, granted, ...TABLES.flatMap(leavingTriggers)])
      await runner.query(part);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table reservations; drop table scheduling_policies");
  }
}

const tables = `
create table scheduling_policies (
  revision int constraint scheduling_policies_pk primary key constraint scheduling_policies_revision check (revision > 0),
  institution_id text not null constraint scheduling_policies_institution references institutions (id)
    constraint scheduling_policies_platform check (institution_id = ${PLATFORM}),
  policy jsonb not null,
  set_by text not null,
  set_at timestamptz not null default now(),
  reason text not null
);
create trigger scheduling_policies_append_only before update or delete on scheduling_policies for each row execute function refuse_change();

create table reservations (
  id text constraint reservations_pk primary key,
  -- Whose it is, so that they see it; the platform's where it is a tier's.
  institution_id text not null constraint reservations_institution references institutions (id),
  cluster_id text not null constraint reservations_cluster references clusters (id),
  pool text not null,
  units int not null constraint reservations_units check (units > 0),
  tier text,
  is_for_all boolean not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  reason text not null,
  made_by text not null,
  made_at timestamptz not null default now(),
  ended_at timestamptz,
  ended_by text,
  end_reason text,
  constraint reservations_times check (ends_at > starts_at),
  constraint reservations_holder check (not is_for_all or institution_id = ${PLATFORM} and tier is not null)
);
create index reservations_open on reservations (ends_at) where ended_at is null;
create index reservations_institution_id on reservations (institution_id, id);
`;

/** An institution sees what is held for it, and holds nothing by itself. */
const platformAlone = TABLES.map(
  (table) => `create policy ${table}_written on ${table} as restrictive for insert with check (app_reach() in ('platform', 'system'));
create policy ${table}_changed on ${table} as restrictive for update using (app_reach() in ('platform', 'system'));`,
).join("\n");

const granted =
  "grant select, insert on scheduling_policies to ziggurat_app; grant select, insert, update, delete on reservations to ziggurat_app;";
