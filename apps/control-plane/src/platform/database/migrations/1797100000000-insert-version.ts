import type { MigrationInterface, QueryRunner } from "typeorm";

/** What a job made arrives sealed, in one statement with its files, derivations and place; the last line of defence lets that pass and no more. */
export class InsertVersion1797100000000 implements MigrationInterface {
  name = "InsertVersion1797100000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(arrival);
    await runner.query(legalEdge);
    await runner.query(fileOfSealed);
  }

  async down(): Promise<void> {
    throw new Error("Versions inserted since then would not pass the older rules; restore a copy of the data directory instead.");
  }
}

/**
 * A version is arriving while the transaction that inserted or sealed it goes on, and as long as nothing derives from it: nobody else has
 * seen it, and no cycle can close through a version without descendants.
 */
const arrival = `
create function is_arriving(version versions) returns boolean language sql stable as $$
  select version.state = 'sealed' and version.sealed_at = transaction_timestamp()
    and exists (select 1 from versions v where v.id = version.id and v.xmin = pg_current_xact_id()::xid)
    and not exists (select 1 from edges e where e.parent_id = version.id)
$$;
`;

const legalEdge = `
create or replace function refuse_illegal_edge() returns trigger language plpgsql as $$
declare child versions; parent versions; same_model boolean; within_line boolean;
begin
  select * into child from versions where id = new.child_id for update;
  select * into parent from versions where id = new.parent_id for share;
  if child.id is null or parent.id is null then raise exception 'edge names an unknown version' using errcode = 'ZG003'; end if;
  if child.state <> 'draft' and not is_arriving(child) then
    raise exception 'derivations of a sealed version are fixed' using errcode = 'ZG003';
  end if;
  same_model := child.model_id = parent.model_id;
  within_line := same_model and new.relation in ('merged_from', 'quantized_from');
  if child.id = parent.id then raise exception 'a version does not derive from itself' using errcode = 'ZG003'; end if;
  if within_line then
    if parent.state not in ('sealed', 'in_review', 'released', 'deprecated', 'retired') then
      raise exception 'parent is %', parent.state using errcode = 'ZG003';
    end if;
  elsif not (parent.state = 'released' or (new.seal = 'sealed' and parent.state in ('deprecated', 'retired'))) then
    raise exception 'parent is %, not released', parent.state using errcode = 'ZG003';
  end if;
  if not (same_model and within_line
      or child.tier = 'foundation' and parent.tier = 'foundation'
      or child.tier = 'finance' and parent.tier in ('foundation', 'finance')
      or child.tier = 'institution' and parent.tier = 'finance') then
    raise exception 'tier % does not derive from tier %', child.tier, parent.tier using errcode = 'ZG003';
  end if;
  if parent.tier = 'institution' and parent.institution_id <> child.institution_id then
    raise exception 'edge names an unknown version' using errcode = 'ZG003';
  end if;
  return new;
end $$;
`;

const fileOfSealed = `
create or replace function refuse_sealed_file_change() returns trigger language plpgsql as $$
declare owner versions;
begin
  select * into owner from versions where id = coalesce(new.version_id, old.version_id) for share;
  if owner.state is distinct from 'draft' and not (tg_op = 'INSERT' and is_arriving(owner)) then
    raise exception 'files of version % are sealed', coalesce(new.version_id, old.version_id) using errcode = 'ZG001';
  end if;
  return coalesce(new, old);
end $$;
`;
