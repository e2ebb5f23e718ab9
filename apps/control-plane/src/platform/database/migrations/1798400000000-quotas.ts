import type { MigrationInterface, QueryRunner } from "typeorm";
import { metadataPolicy } from "./create-pyramid/row-security.js";

/** What an institution may use, how that is changed, and of what it was warned. */
export class Quotas1798400000000 implements MigrationInterface {
  name = "Quotas1798400000000";

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [tables, ...["quotas", "quota_proposals", "quota_warnings"].map(metadataPolicy), rules, granted])
      await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error("Institutions would be unlimited again; restore a copy of the data directory instead.");
  }
}

const tables = `
-- No row: unlimited.
create table quotas (
  institution_id text constraint quotas_pk primary key constraint quotas_institution references institutions (id),
  revision int not null constraint quotas_revision check (revision > 0),
  limits jsonb not null,
  set_by text not null,
  set_at timestamptz not null default now()
);

create table quota_proposals (
  id text constraint quota_proposals_pk primary key,
  institution_id text not null constraint quota_proposals_institution references institutions (id),
  -- The revision it would replace, with what that said; 0 and null when there was none.
  revision int not null,
  before jsonb,
  limits jsonb not null,
  reason text not null,
  state text not null default 'pending' constraint quota_proposals_state check (state in ('pending', 'approved', 'rejected', 'withdrawn')),
  proposed_by text not null,
  proposed_by_name text not null,
  proposed_at timestamptz not null default now(),
  decided_by text,
  decided_by_name text,
  decided_at timestamptz,
  decision_reason text,
  -- Whatever code decides: nobody approves or rejects what they proposed.
  constraint quota_proposals_somebody_else check (state not in ('approved', 'rejected') or decided_by <> proposed_by)
);
create index quota_proposals_institution_id on quota_proposals (institution_id, id);
create unique index quota_proposals_one_pending on quota_proposals (institution_id) where state = 'pending';
create trigger quota_proposals_contribution after insert on quota_proposals for each row execute function note_own_contribution('proposed');

-- Told once for each threshold and month. 100: the hard stop.
create table quota_warnings (
  institution_id text not null constraint quota_warnings_institution references institutions (id),
  dimension text not null,
  period text not null,
  threshold int not null,
  told_at timestamptz not null default now(),
  constraint quota_warnings_pk primary key (institution_id, dimension, period, threshold)
);
create trigger quota_warnings_append_only before update or delete on quota_warnings for each row execute function refuse_change();
`;

/** An institution reads its quota and proposes; it decides nothing, whatever the code above does. What was decided on stays as it is. */
const rules = `
create policy quotas_set on quotas as restrictive for insert with check (app_reach() in ('platform', 'system'));
create policy quotas_change on quotas as restrictive for update using (app_reach() in ('platform', 'system'));
create policy quota_proposals_made on quota_proposals as restrictive for insert with check (state = 'pending');
create policy quota_proposals_decided on quota_proposals as restrictive for update
  using (true) with check (app_reach() in ('platform', 'system') or state = 'withdrawn');
create policy quota_warnings_told on quota_warnings as restrictive for insert with check (app_reach() = 'system');
create function refuse_decided_proposal() returns trigger language plpgsql as $$
begin
  if old.state <> 'pending' or row(old.id, old.revision, old.before, old.limits, old.reason, old.proposed_by)
      is distinct from row(new.id, new.revision, new.before, new.limits, new.reason, new.proposed_by) then
    raise exception 'a proposal is decided on once and says what it said' using errcode = 'ZG001';
  end if;
  return new;
end $$;
create trigger quota_proposals_once before update on quota_proposals for each row execute function refuse_decided_proposal();
create trigger quota_proposals_kept before delete on quota_proposals for each row execute function refuse_change();
`;

const granted = `
grant select, insert, update on quotas, quota_proposals to ziggurat_app;
grant select, insert on quota_warnings to ziggurat_app;
`;
