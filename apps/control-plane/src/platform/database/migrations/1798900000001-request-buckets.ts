import type { MigrationInterface, QueryRunner } from "typeorm";

/** What each caller has used of their requests, as the processes with the HTTP role tell one another. */
export class RequestBuckets1798900000001 implements MigrationInterface {
  name = "RequestBuckets1798900000001";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(buckets);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("drop table request_buckets");
  }
}

const buckets = `
-- Written without waiting for the disk. Not an unlogged table: a power cut while one is made can leave a file that keeps the server from recovering.
create table request_buckets (
  -- A keyed digest: neither addresses nor ids of tokens lie here.
  key text constraint request_buckets_pk primary key,
  -- When everything that was used will have come back.
  full_at timestamptz not null
);
create index request_buckets_full_at on request_buckets (full_at);
-- Nobody's rows: only the platform's own machinery comes to them.
alter table request_buckets enable row level security;
alter table request_buckets force row level security;
create policy request_buckets_own on request_buckets using (app_reach() = 'system');
grant select, insert, update, delete on request_buckets to ziggurat_app;
`;
