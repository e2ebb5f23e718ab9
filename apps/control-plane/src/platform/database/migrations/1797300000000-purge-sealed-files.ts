import type { MigrationInterface, QueryRunner } from "typeorm";

/** What a purge takes away may go from a sealed version again, and whatever begins to use a version or dataset version waits for a purge of it. */
export class PurgeSealedFiles1797300000000 implements MigrationInterface {
  name = "PurgeSealedFiles1797300000000";

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [fileOfSealed, purgedInput, resumedJob]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error("What was purged cannot be brought back; restore a copy of the data directory instead.");
  }
}

/** Migration 1797100000000 let arriving versions pass and left out what 1796800000000 had said of purged ones: both hold. */
const fileOfSealed = `
create or replace function refuse_sealed_file_change() returns trigger language plpgsql as $$
declare owner versions;
begin
  select * into owner from versions where id = coalesce(new.version_id, old.version_id) for share;
  if exists (select 1 from tombstones where version_id = owner.id) then
    if tg_op = 'DELETE' and exists (select 1 from purged_files p where p.version_id = old.version_id and p.path = old.path and p.sha256 = old.sha256)
    then return old; end if;
    raise exception 'version % was purged', owner.id using errcode = 'ZG004';
  end if;
  if owner.state is distinct from 'draft' and not (tg_op = 'INSERT' and is_arriving(owner)) then
    raise exception 'files of version % are sealed', coalesce(new.version_id, old.version_id) using errcode = 'ZG001';
  end if;
  return coalesce(new, old);
end $$;
`;

/**
 * A purge holds the row of what it takes. Whoever comes with a new use waits for it here, before looking for the tombstone; without the
 * lock the use could be written by somebody who looked too early. An adapter needs the files of its base as well.
 */
const purgedInput = `
create function refuse_purged_version(version text) returns void language plpgsql as $$
declare needed text[] := array(select version union select e.parent_id from edges e where e.child_id = version and e.relation = 'adapter_of');
begin
  perform 1 from versions where id = any(needed) order by id for key share;
  if exists (select 1 from tombstones where version_id = any(needed)) then
    raise exception 'input % was purged', version using errcode = 'ZG004';
  end if;
end $$;
create function refuse_purged_rows(dataset_version text) returns void language plpgsql as $$
begin
  perform 1 from dataset_versions where id = dataset_version for key share;
  if exists (select 1 from tombstones where dataset_version_id = dataset_version) then
    raise exception 'input % was purged', dataset_version using errcode = 'ZG004';
  end if;
end $$;
create or replace function refuse_purged_input() returns trigger language plpgsql as $$
declare input text := to_jsonb(new) ->> tg_argv[0];
begin
  if input is not null and tg_argv[0] = 'parent_version_id' then perform refuse_purged_version(input); end if;
  if input is not null and tg_argv[0] = 'dataset_version_id' then perform refuse_purged_rows(input); end if;
  return new;
end $$;
`;

/** A job that was over and is taken up again needs what it needed when it was asked for. */
const resumedJob = `
create function refuse_purged_resumption() returns trigger language plpgsql as $$
begin
  if new.parent_version_id is not null then perform refuse_purged_version(new.parent_version_id); end if;
  perform refuse_purged_rows(d.dataset_version_id) from (select dataset_version_id from job_datasets where job_id = new.id order by 1) d;
  return new;
end $$;
create trigger jobs_resumed before update on jobs for each row
  when (old.state in ('failed', 'cancelled') and new.state not in ('failed', 'cancelled')) execute function refuse_purged_resumption();
`;
