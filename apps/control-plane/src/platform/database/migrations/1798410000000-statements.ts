import type { MigrationInterface, QueryRunner } from "typeorm";
import { cataloguePolicy, metadataPolicy } from "./create-pyramid/row-security.js";

const PLATFORM = "'ins_00000000000000000000000000000000'";

/** What use costs: prices with dates, a charge for each attempt, what was stored on each day, and months that are closed for good. */
export class Statements1798410000000 implements MigrationInterface {
  name = "Statements1798410000000";

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [
      tables,
      cataloguePolicy("prices"),
      ...["charges", "storage_days", "closed_months", "statements"].map(metadataPolicy),
      appendOnly,
      platformAlone,
      closed,
      granted,
    ])
      await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error("What was charged is evidence; restore a copy of the data directory instead.");
  }
}

const tables = `
create table prices (
  id text constraint prices_pk primary key,
  institution_id text not null constraint prices_institution references institutions (id) constraint prices_platform check (institution_id = ${PLATFORM}),
  -- 'storage', or 'cluster:' and its name.
  subject text not null,
  amount bigint not null constraint prices_amount check (amount >= 0),
  currency text not null,
  valid_from timestamptz not null,
  set_by text not null,
  set_at timestamptz not null default now(),
  reason text not null,
  constraint prices_once unique (subject, valid_from)
);

create table charges (
  id text constraint charges_pk primary key,
  institution_id text not null constraint charges_institution references institutions (id),
  kind text not null constraint charges_kind check (kind in ('attempt', 'correction')),
  attempt_id text constraint charges_attempt references attempts (id),
  job_id text not null constraint charges_job references jobs (id),
  model_id text not null constraint charges_model references models (id),
  version_id text constraint charges_version references versions (id),
  scenario text,
  unit text not null,
  -- Of one place, from the attempt's start to its end.
  milliseconds bigint not null constraint charges_time check (milliseconds >= 0),
  price bigint not null,
  cost bigint not null,
  currency text not null,
  -- The month it is billed in, and the one it belongs to; they differ where the latter was closed already.
  month text not null,
  of_month text not null,
  reason text not null default '',
  at timestamptz not null default now(),
  made_by text not null,
  constraint charges_shape check ((kind = 'attempt') = (attempt_id is not null) and (kind = 'attempt' and cost >= 0 or kind = 'correction' and cost < 0))
);
-- One charge for an attempt, however often its end is told.
create unique index charges_one_for_an_attempt on charges (attempt_id) where attempt_id is not null;
create index charges_institution_month on charges (institution_id, month);
create index charges_month on charges (month);
create index charges_job on charges (job_id);

create index attempts_live on attempts (institution_id) where state in ('submitting', 'queued', 'scheduling', 'running');

create table storage_days (
  institution_id text not null constraint storage_days_institution references institutions (id),
  day date not null,
  bytes bigint not null constraint storage_days_bytes check (bytes >= 0),
  price bigint not null,
  constraint storage_days_pk primary key (institution_id, day)
);

-- Sums over all institutions, from which one could work out another's: the platform's own rows.
create table closed_months (
  month text constraint closed_months_pk primary key,
  institution_id text not null constraint closed_months_institution references institutions (id) constraint closed_months_platform check (institution_id = ${PLATFORM}),
  rule text not null,
  currency text not null,
  metered bigint not null,
  pool bigint not null,
  digest text not null,
  closed_by text not null,
  reason text not null,
  closed_at timestamptz not null default now()
);

create table statements (
  institution_id text not null constraint statements_institution references institutions (id),
  month text not null,
  currency text not null,
  lines jsonb not null,
  own bigint not null,
  shared bigint not null,
  total bigint not null constraint statements_total check (total = own + shared),
  closed_at timestamptz not null default now(),
  constraint statements_pk primary key (institution_id, month)
);
`;

const appendOnly = ["prices", "charges", "storage_days", "closed_months", "statements"]
  .map((table) => `create trigger ${table}_append_only before update or delete on ${table} for each row execute function refuse_change();`)
  .join("\n");

/** An institution reads what it is charged and writes none of it. */
const platformAlone = ["prices", "charges", "storage_days", "closed_months", "statements"]
  .map(
    (table) => `create policy ${table}_written on ${table} as restrictive for insert with check (app_reach() in ('platform', 'system'));`,
  )
  .join("\n");

/** Whatever code or race writes it: nothing is billed in a month that was closed, and whoever closes one waits for what is being billed in it. */
const closed = `
create function month_lock(month text) returns bigint language sql immutable as $$ select hashtextextended('month/' || month, 0) $$;
create function refuse_closed_month() returns trigger language plpgsql as $$
declare billed text := case tg_table_name when 'charges' then to_jsonb(new) ->> 'month' else substr(to_jsonb(new) ->> 'day', 1, 7) end;
begin
  perform pg_advisory_xact_lock_shared(month_lock(billed));
  if exists (select from closed_months c where c.month = billed) then
    raise exception 'the month % is closed', billed using errcode = 'ZG001';
  end if;
  return new;
end $$;
create trigger charges_open_month before insert on charges for each row execute function refuse_closed_month();
create trigger storage_days_open_month before insert on storage_days for each row execute function refuse_closed_month();
-- A statement is written with the month it belongs to, in one transaction.
create function refuse_stray_statement() returns trigger language plpgsql as $$
begin
  if not exists (select from closed_months c where c.month = new.month and c.closed_at = now()) then
    raise exception 'the month % is not being closed', new.month using errcode = 'ZG001';
  end if;
  return new;
end $$;
create trigger statements_of_closing before insert on statements for each row execute function refuse_stray_statement();
`;

const granted = "grant select, insert on prices, charges, storage_days, closed_months, statements to ziggurat_app;";
