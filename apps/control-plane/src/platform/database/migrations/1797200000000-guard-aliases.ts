import type { MigrationInterface, QueryRunner } from "typeorm";
import { cataloguePolicy, metadataPolicy } from "./create-pyramid/row-security.js";

/** How names such as `champion` are protected, every statement kept, and the changes that wait for a second person. */
export class GuardAliases1797200000000 implements MigrationInterface {
  name = "GuardAliases1797200000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    await runner.query(cataloguePolicy("alias_guards"));
    await runner.query(metadataPolicy("alias_proposals"));
    await runner.query("grant select, insert on alias_guards to ziggurat_app");
    await runner.query("grant usage, select on sequence alias_guards_n_seq to ziggurat_app");
    await runner.query("grant select, insert, update on alias_proposals to ziggurat_app");
  }

  async down(): Promise<void> {
    throw new Error("What was protected and approved is evidence; restore a copy of the data directory instead.");
  }
}

const tables = `
-- The newest row of a name holds.
create table alias_guards (
  n bigint generated always as identity constraint alias_guards_pk primary key,
  model_id text not null constraint alias_guards_model references models (id),
  name text not null,
  institution_id text not null constraint alias_guards_institution references institutions (id),
  roles text[] not null constraint alias_guards_some_role check (cardinality(roles) > 0),
  second_person boolean not null,
  set_by text not null,
  set_at timestamptz not null default clock_timestamp(),
  reason text not null
);
create index alias_guards_name on alias_guards (model_id, name, n);
create trigger alias_guards_append_only before update or delete on alias_guards for each row execute function refuse_change();

create table alias_proposals (
  id text constraint alias_proposals_pk primary key,
  model_id text not null constraint alias_proposals_model references models (id),
  name text not null,
  institution_id text not null constraint alias_proposals_institution references institutions (id),
  change jsonb not null,
  -- What the name pointed to when the change was proposed; null where it did not exist.
  seen_version_id text constraint alias_proposals_seen references versions (id),
  reason text not null,
  state text not null default 'pending' constraint alias_proposals_state check (state in ('pending', 'approved', 'withdrawn')),
  proposer_id text not null,
  proposed_by text not null,
  proposed_at timestamptz not null default clock_timestamp(),
  decider_id text,
  decided_by text,
  decided_at timestamptz,
  decision_reason text,
  constraint alias_proposals_decision check ((state = 'pending') = (decider_id is null)),
  -- Whatever program writes it: nobody is their own second person.
  constraint alias_proposals_two_people check (state <> 'approved' or decider_id <> proposer_id)
);
create index alias_proposals_model on alias_proposals (model_id, name, id);
create unique index alias_proposals_one_pending on alias_proposals (model_id, name) where state = 'pending';
create trigger alias_proposals_decided before update on alias_proposals for each row when (old.state <> 'pending') execute function refuse_change();
create trigger alias_proposals_kept before delete on alias_proposals for each row execute function refuse_change();
`;
