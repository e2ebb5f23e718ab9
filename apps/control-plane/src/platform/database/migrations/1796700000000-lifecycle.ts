import type { MigrationInterface, QueryRunner } from "typeorm";
import { cataloguePolicy } from "./create-pyramid/row-security.js";

/** What every alias ever pointed to, written by the database itself, and the stated ends of deprecated versions. */
export class Lifecycle1796700000000 implements MigrationInterface {
  name = "Lifecycle1796700000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(tables);
    for (const table of ["alias_moves", "deprecations"]) await runner.query(cataloguePolicy(table));
    await runner.query("grant select, insert on alias_moves, deprecations to ziggurat_app");
    await runner.query("grant usage, select on sequence alias_moves_n_seq to ziggurat_app");
  }

  async down(): Promise<void> {
    throw new Error("History is not taken back; restore a copy of the data directory instead.");
  }
}

const tables = `
create table alias_moves (
  n bigint generated always as identity constraint alias_moves_pk primary key,
  model_id text not null constraint alias_moves_model references models (id),
  name text not null,
  institution_id text not null constraint alias_moves_institution references institutions (id),
  version_id text not null constraint alias_moves_version references versions (id),
  moved_by text not null,
  moved_at timestamptz not null,
  reason text not null
);
create index alias_moves_name on alias_moves (model_id, name, n);
insert into alias_moves (model_id, name, institution_id, version_id, moved_by, moved_at, reason)
  select model_id, name, institution_id, version_id, moved_by, moved_at, reason from aliases order by moved_at;
create trigger alias_moves_append_only before update or delete on alias_moves for each row execute function refuse_change();
create function note_alias_move() returns trigger language plpgsql as $$
begin
  insert into alias_moves (model_id, name, institution_id, version_id, moved_by, moved_at, reason)
    values (new.model_id, new.name, new.institution_id, new.version_id, new.moved_by, new.moved_at, new.reason);
  return null;
end $$;
create trigger aliases_moves after insert or update on aliases for each row execute function note_alias_move();

create table deprecations (
  version_id text constraint deprecations_pk primary key constraint deprecations_version references versions (id),
  institution_id text not null constraint deprecations_institution references institutions (id),
  successor_id text constraint deprecations_successor references versions (id),
  ends_at timestamptz,
  reason text not null,
  at timestamptz not null default now()
);
create trigger deprecations_append_only before update or delete on deprecations for each row execute function refuse_change();
`;
