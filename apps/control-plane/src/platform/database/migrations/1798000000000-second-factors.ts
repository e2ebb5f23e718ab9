import type { MigrationInterface, QueryRunner } from "typeorm";
import { ownRule, policy } from "./create-pyramid/row-security.js";

/** Second factors of people: a shared secret with an authenticator, and recovery codes that each work once. */
export class SecondFactors1798000000000 implements MigrationInterface {
  name = "SecondFactors1798000000000";

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [tables, policy("second_factors", ownRule), policy("recovery_codes", ownRule), granted]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error("People who rely on their second factor would sign in without it; restore a copy of the data directory instead.");
  }
}

const tables = `
create table second_factors (
  user_id text constraint second_factors_pk primary key constraint second_factors_user references users (id),
  institution_id text not null constraint second_factors_institution references institutions (id),
  -- Closed by the platform's vault.
  secret text not null,
  created_at timestamptz not null default now(),
  -- Null until a first code proved that the authenticator has it; nothing is asked for before.
  confirmed_at timestamptz,
  -- The last time step whose code was taken: a code works once.
  last_step bigint
);
create table recovery_codes (
  user_id text not null constraint recovery_codes_user references users (id),
  institution_id text not null constraint recovery_codes_institution references institutions (id),
  code_hash text not null,
  used_at timestamptz,
  constraint recovery_codes_pk primary key (user_id, code_hash)
);
`;

const granted = "grant select, insert, update, delete on second_factors, recovery_codes to ziggurat_app;";
