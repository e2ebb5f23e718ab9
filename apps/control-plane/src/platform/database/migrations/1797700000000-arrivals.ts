import type { MigrationInterface, QueryRunner } from "typeorm";

/** The same rules about versions that arrive sealed, asked in the statement that locks the row anyway, without a function of its own. */
export class Arrivals1797700000000 implements MigrationInterface {
  name = "Arrivals1797700000000";

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [legalEdge, fileOfSealed, "drop function is_arriving(versions)"]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error("The rules are the ones before; there is nothing to go back to.");
  }
}

/**
 * A version is arriving while the transaction that inserted or sealed it goes on, and as long as nothing derives from it: nobody else has
 * seen it, and no cycle can close through a version without descendants.
 */
const legalEdge = `
create or replace function refuse_illegal_edge() returns trigger language plpgsql as $$
declare child record; parent record; same_model boolean; within_line boolean;
begin
  select v.id, v.model_id, v.institution_id, v.tier, v.state, v.sealed_at = transaction_timestamp() and v.xmin = pg_current_xact_id()::xid as is_new
    into child from versions v where v.id = new.child_id for update;
  select v.id, v.model_id, v.institution_id, v.tier, v.state into parent from versions v where v.id = new.parent_id for share;
  if child.id is null or parent.id is null then raise exception 'edge names an unknown version' using errcode = 'ZG003'; end if;
  if child.state <> 'draft' and (child.state <> 'sealed' or not child.is_new or exists (select 1 from edges e where e.parent_id = child.id)) then
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
declare owner record;
begin
  select v.id, v.state, v.sealed_at = transaction_timestamp() and v.xmin = pg_current_xact_id()::xid as is_new
    into owner from versions v where v.id = coalesce(new.version_id, old.version_id) for share;
  if exists (select 1 from tombstones where version_id = owner.id) then
    if tg_op = 'DELETE' and exists (select 1 from purged_files p where p.version_id = old.version_id and p.path = old.path and p.sha256 = old.sha256)
    then return old; end if;
    raise exception 'version % was purged', owner.id using errcode = 'ZG004';
  end if;
  if owner.state is distinct from 'draft' and not (tg_op = 'INSERT' and owner.state = 'sealed' and owner.is_new
      and not exists (select 1 from edges e where e.parent_id = owner.id)) then
    raise exception 'files of version % are sealed', coalesce(new.version_id, old.version_id) using errcode = 'ZG001';
  end if;
  return coalesce(new, old);
end $$;
`;
