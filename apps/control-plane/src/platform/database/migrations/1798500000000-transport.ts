import type { MigrationInterface, QueryRunner } from "typeorm";

/** Refused sign-ins in rows, where a restart does not forget them and every process counts the same; where a token was used last. */
export class Transport1798500000000 implements MigrationInterface {
  name = "Transport1798500000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(streaks);
    await runner.query(tokenAddresses);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop function note_token_address");
    await runner.query("alter table tokens drop column last_used_from");
    await runner.query("drop table sign_in_streaks");
  }
}

const streaks = `
create table sign_in_streaks (
  -- A keyed digest: neither addresses nor e-mail addresses lie here.
  key text constraint sign_in_streaks_pk primary key,
  failures int not null default 0,
  last_at timestamptz not null default now(),
  -- Tries whose password is being looked at, and since when the last of them.
  pending int not null default 0,
  pending_at timestamptz not null default now(),
  -- Tries that were turned away unread and stand in no audit entry yet, and whom that entry will be about.
  unnoted int not null default 0,
  noted jsonb not null default '[]'
);
create index sign_in_streaks_last_at on sign_in_streaks (last_at);
-- Nobody's rows: only the platform's own machinery comes to them.
alter table sign_in_streaks enable row level security;
alter table sign_in_streaks force row level security;
create policy sign_in_streaks_own on sign_in_streaks using (app_reach() = 'system');
grant select, insert, update, delete on sign_in_streaks to ziggurat_app;
`;

/** As `authenticate_token`: before there is a viewer, with the wider reach inside the call only. */
const tokenAddresses = `
alter table tokens add column last_used_from text;
create function note_token_address(token text, address text) returns void language plpgsql as $$
declare reach_before text := coalesce(current_setting('app.reach', true), '');
begin
  perform set_config('app.reach', 'system', true);
  update tokens t set last_used_from = address where t.id = token and t.last_used_from is distinct from address;
  perform set_config('app.reach', reach_before, true);
end $$;
`;
