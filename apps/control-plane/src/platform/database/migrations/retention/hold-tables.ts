export const holdTables = `
create table legal_holds (
  id text constraint legal_holds_pk primary key,
  -- Owner of what is held.
  institution_id text not null constraint legal_holds_institution references institutions (id),
  version_id text constraint legal_holds_version references versions (id),
  model_id text constraint legal_holds_model references models (id),
  dataset_version_id text constraint legal_holds_dataset_version references dataset_versions (id),
  held_institution_id text constraint legal_holds_held_institution references institutions (id),
  -- The name of what is held.
  subject text not null,
  reason text not null,
  reference text,
  -- Institution whose people set it, and alone may lift it.
  set_for text not null constraint legal_holds_set_for references institutions (id),
  set_by text not null,
  set_by_name text not null,
  set_at timestamptz not null default now(),
  lift_asked_by text,
  lift_asked_by_name text,
  lift_asked_at timestamptz,
  lift_reason text,
  lifted_by text,
  lifted_by_name text,
  lifted_at timestamptz,
  constraint legal_holds_one_subject check (num_nonnulls(version_id, model_id, dataset_version_id, held_institution_id) = 1),
  constraint legal_holds_reason check (btrim(reason) <> ''),
  constraint legal_holds_lifted check (num_nulls(lifted_by, lifted_by_name, lifted_at) in (0, 3)),
  -- Whatever code or race writes it: one person alone lifts nothing.
  constraint legal_holds_two_people check (lifted_by is null or (lift_asked_by is not null and lift_asked_by <> lifted_by))
);
create index legal_holds_institution_id on legal_holds (institution_id, id);
create index legal_holds_version_id on legal_holds (version_id) where lifted_at is null;
create index legal_holds_model_id on legal_holds (model_id) where lifted_at is null;
create index legal_holds_dataset_version_id on legal_holds (dataset_version_id) where lifted_at is null;
create index legal_holds_held_institution_id on legal_holds (held_institution_id) where lifted_at is null;

-- What was held, why and by whom is fixed; a lifted hold stays lifted; none is removed.
create function refuse_hold_change() returns trigger language plpgsql as $$
declare moves constant text[] := array['lift_asked_by','lift_asked_by_name','lift_asked_at','lift_reason','lifted_by','lifted_by_name','lifted_at'];
begin
  if tg_op = 'DELETE' or old.lifted_at is not null or (to_jsonb(new) - moves) is distinct from (to_jsonb(old) - moves) then
    raise exception 'legal hold % is a record', old.id using errcode = 'ZG002';
  end if;
  return new;
end $$;
create trigger legal_holds_record before update or delete on legal_holds for each row execute function refuse_hold_change();
`;
