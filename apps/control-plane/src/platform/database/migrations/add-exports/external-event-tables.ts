export const externalEventTables = `
-- OpenLineage events from outside: what somebody of an institution says about its models and data. Declared, never sealed.
create table external_events (
  id text constraint external_events_pk primary key,
  institution_id text not null constraint external_events_institution references institutions (id),
  run_id text not null,
  event_type text not null,
  event_time timestamptz not null,
  job_namespace text not null,
  job_name text not null,
  producer text not null,
  -- As it came.
  event jsonb not null,
  received_at timestamptz not null default now(),
  received_by text not null,
  received_by_name text not null,
  constraint external_events_once unique (institution_id, run_id, event_type, event_time)
);
create index external_events_run on external_events (institution_id, run_id, event_time);
create trigger external_events_append_only before update or delete on external_events for each row execute function refuse_change();

-- Which of the institution's own versions and datasets an event names.
create table external_event_names (
  event_id text not null constraint external_event_names_event references external_events (id),
  -- Id of a version or of a dataset version.
  object_id text not null,
  -- As a node of the lineage: ns/slug@n or datasets/ns/slug@n.
  name text not null,
  institution_id text not null constraint external_event_names_institution references institutions (id),
  constraint external_event_names_pk primary key (event_id, object_id)
);
create index external_event_names_object on external_event_names (object_id, event_id);
create trigger external_event_names_append_only before update or delete on external_event_names for each row execute function refuse_change();
`;
