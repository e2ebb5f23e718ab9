import type { MigrationInterface, QueryRunner } from "typeorm";

/** What jobs take, when and how urgently; where they were placed and why; what clusters have; what attempts take of it. */
export class Scheduling1799000000000 implements MigrationInterface {
  name = "Scheduling1799000000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("select set_config('app.reach', 'system', true)");
    for (const part of [jobs, attempts, clusters]) await runner.query(part);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("alter table clusters drop column drained, drop column facts, drop column admits, drop column pools");
    await runner.query(
      "drop index attempts_ended_at; alter table attempts drop column places, drop column taken, drop column pool, drop column gpu_type, drop column checkpoint_at",
    );
    await runner.query(
      `alter table jobs drop column places, drop column priority, drop column resources, drop column run_window, drop column max_seconds,
         drop column max_cost, drop column placement, drop column waiting_since, drop column preemptions, drop column yielding`,
    );
  }
}

const jobs = `
alter table jobs
  add column priority text not null default 'standard' constraint jobs_priority check (priority in ('ordered', 'interactive', 'standard', 'bulk')),
  add column resources jsonb not null
    default '{"nodes": 1, "gpusPerNode": 0, "gpuType": null, "cpusPerNode": 1, "memoryMbPerNode": null}',
  add column run_window jsonb,
  add column max_seconds int constraint jobs_max_seconds check (max_seconds > 0),
  add column max_cost bigint constraint jobs_max_cost check (max_cost > 0),
  -- The decision which cluster takes it, as it was taken last.
  add column placement jsonb,
  -- Since when it has been waiting this time; its place in the line is by queued_at, which a job that is put back keeps.
  add column waiting_since timestamptz,
  add column preemptions int not null default 0,
  -- Why the platform itself asked its run to save and stop.
  add column yielding jsonb;
update jobs set priority = 'ordered' where ordered_by_job_id is not null;
update jobs set waiting_since = queued_at where state = 'queued';
-- Places of quotas and prices: GPUs, or nodes where it takes none.
alter table jobs add column places int not null
  generated always as ((resources ->> 'nodes')::int * greatest(1, (resources ->> 'gpusPerNode')::int)) stored;
`;

const attempts = `
alter table attempts
  add column places int not null default 1 constraint attempts_places check (places > 0),
  -- Amounts of its pool that it takes: units, cpus and memory.
  add column taken jsonb not null default '{"units": 1, "cpus": 0, "memoryMb": 0}',
  add column pool text,
  add column gpu_type text,
  add column checkpoint_at timestamptz;
create index attempts_ended_at on attempts (ended_at) where ended_at is not null;
`;

const clusters = `
alter table clusters
  add column drained boolean not null default false,
  -- What its operators state of it, whose work it takes, and its nodes; without pools it has its slots as CPU places.
  add column facts jsonb not null default '{}',
  add column admits jsonb not null default '{}',
  add column pools jsonb not null default '[]';
`;
