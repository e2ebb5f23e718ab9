export const lineageTables = `
-- Truth of the graph, append-only. Upward walks read it; downward walks read line_closure.
create table edges (
  child_id text not null constraint edges_child references versions (id),
  parent_id text not null constraint edges_parent references versions (id),
  relation text not null,
  institution_id text not null constraint edges_institution references institutions (id),
  seal text not null,
  job_id text,
  parent_digest text,
  created_at timestamptz not null default now(),
  constraint edges_pk primary key (child_id, relation, parent_id)
);
create index edges_parent_id on edges (parent_id, relation, child_id);
create trigger edges_append_only before update or delete on edges for each row execute function refuse_change();

create table dataset_uses (
  version_id text not null constraint dataset_uses_version references versions (id),
  dataset_version_id text not null constraint dataset_uses_dataset references dataset_versions (id),
  institution_id text not null constraint dataset_uses_institution references institutions (id),
  job_id text,
  created_at timestamptz not null default now(),
  constraint dataset_uses_pk primary key (version_id, dataset_version_id)
);
create index dataset_uses_dataset_version_id on dataset_uses (dataset_version_id, version_id);
create trigger dataset_uses_append_only before update or delete on dataset_uses for each row execute function refuse_change();

-- A line is a run of versions each derived from the one before.
create table lines (
  id bigint generated always as identity constraint lines_pk primary key,
  institution_id text not null constraint lines_institution references institutions (id),
  tip_seq int not null
);
-- "Versions of line_id from min_seq on descend from anc_line up to anc_seq."
create table line_closure (
  line_id bigint not null constraint line_closure_line references lines (id),
  anc_line bigint not null constraint line_closure_ancestor references lines (id),
  anc_seq int not null,
  min_seq int not null,
  institution_id text not null constraint line_closure_institution references institutions (id),
  constraint line_closure_pk primary key (line_id, anc_line, anc_seq, min_seq)
);
create index line_closure_ancestor_seq on line_closure (anc_line, anc_seq, line_id) include (min_seq);

-- Last line of defence against illegal graphs, whatever code or race writes the edge: the child is a draft (so it has no
-- descendants and no cycle can close), the parent is sealed and allowed, the tiers fit.
create function refuse_illegal_edge() returns trigger language plpgsql as $$
declare child versions; parent versions; same_model boolean; within_line boolean;
begin
  select * into child from versions where id = new.child_id for update;
  select * into parent from versions where id = new.parent_id for share;
  if child.id is null or parent.id is null then raise exception 'edge names an unknown version' using errcode = 'ZG003'; end if;
  if child.state <> 'draft' then raise exception 'derivations of a sealed version are fixed' using errcode = 'ZG003'; end if;
  same_model := child.model_id = parent.model_id;
  within_line := same_model and new.relation in ('merged_from', 'quantized_from');
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
create trigger edges_legal before insert on edges for each row execute function refuse_illegal_edge();
`;
