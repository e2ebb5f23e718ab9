import type { MigrationInterface, QueryRunner } from "typeorm";
import { cataloguePolicy, metadataPolicy } from "./create-pyramid/row-security.js";

/** Rules of clean-up, every revision kept, and their carryings out with what became of each version. */
export class CleanUps1797350000000 implements MigrationInterface {
  name = "CleanUps1797350000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    await runner.query(cataloguePolicy("clean_up_rules"));
    for (const table of ["clean_ups", "clean_up_items"]) await runner.query(metadataPolicy(table));
    await runner.query("grant select, insert on clean_up_rules to ziggurat_app");
    await runner.query("grant select, insert, update on clean_ups, clean_up_items to ziggurat_app");
  }

  async down(): Promise<void> {
    throw new Error("What was cleaned up and by which rule is evidence; restore a copy of the data directory instead.");
  }
}

const tables = `
-- The newest revision of a name holds.
create table clean_up_rules (
  name text not null,
  revision int not null,
  institution_id text not null constraint clean_up_rules_institution references institutions (id),
  tier text not null,
  states text[] not null constraint clean_up_rules_states check (cardinality(states) > 0 and states <@ array['draft', 'retired', 'recalled']),
  age_days int not null constraint clean_up_rules_age check (age_days >= 0),
  is_enabled boolean not null,
  reason text not null,
  set_by text not null,
  set_by_name text not null,
  set_at timestamptz not null default clock_timestamp(),
  constraint clean_up_rules_pk primary key (name, revision)
);
create trigger clean_up_rules_append_only before update or delete on clean_up_rules for each row execute function refuse_change();

create table clean_ups (
  id text constraint clean_ups_pk primary key,
  institution_id text not null constraint clean_ups_institution references institutions (id),
  rule text not null,
  revision int not null,
  state text not null default 'executing' constraint clean_ups_state check (state in ('executing', 'done')),
  reason text not null,
  requested_by text not null,
  requested_by_name text not null,
  created_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  -- When the row wants attention; null once it is done.
  due_at timestamptz default now(),
  constraint clean_ups_rule foreign key (rule, revision) references clean_up_rules (name, revision)
);
create index clean_ups_due on clean_ups (due_at) where due_at is not null;
-- One at a time by a rule, whoever races.
create unique index clean_ups_one_by_rule on clean_ups (rule) where state = 'executing';

create table clean_up_items (
  clean_up_id text not null constraint clean_up_items_clean_up references clean_ups (id),
  n int not null,
  version_id text not null constraint clean_up_items_version references versions (id),
  -- Owner of the version.
  institution_id text not null constraint clean_up_items_institution references institutions (id),
  outcome text not null default 'waiting' constraint clean_up_items_outcome check (outcome in ('waiting', 'purged', 'kept')),
  codes text[] not null default '{}',
  size_bytes bigint not null default 0,
  constraint clean_up_items_pk primary key (clean_up_id, n),
  constraint clean_up_items_once unique (clean_up_id, version_id)
);
create index clean_up_items_waiting on clean_up_items (clean_up_id, n) where outcome = 'waiting';
create trigger clean_up_items_settled before update on clean_up_items for each row when (old.outcome <> 'waiting') execute function refuse_change();
create trigger clean_up_items_kept before delete on clean_up_items for each row execute function refuse_change();
`;
