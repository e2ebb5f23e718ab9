export const jobTables = `
create table clusters (
  id text constraint clusters_pk primary key,
  name text not null constraint clusters_name unique,
  driver text not null,
  slots int not null,
  healthy boolean not null default false,
  reason text,
  remedy text,
  device text,
  checked_at timestamptz not null default now()
);

create table jobs (
  id text constraint jobs_pk primary key,
  institution_id text not null constraint jobs_institution references institutions (id),
  model_id text not null constraint jobs_model references models (id),
  kind text not null,
  method text not null,
  tier text not null,
  parent_version_id text constraint jobs_parent references versions (id),
  -- Root digest of the parent when the job was asked for: what its edge is pinned to.
  parent_digest text,
  hyperparameters jsonb not null,
  seed int not null,
  reason text not null default '',
  state text not null,
  state_reason text,
  -- When the row wants attention; the reconciler enqueues whatever is due. Null when nothing is to be done.
  due_at timestamptz default now(),
  requested_by text not null,
  requested_by_name text not null,
  -- Evaluations ordered by another job's evaluating step name it here.
  ordered_by_job_id text constraint jobs_ordered_by references jobs (id),
  estimate jsonb,
  waiting jsonb not null default '[]',
  -- Place among the owner's own queued jobs, and when it will start, as far as can be told.
  position int,
  start_range jsonb,
  progress jsonb,
  -- What the runner is told with its next heartbeat.
  wanted_command text,
  version_id text constraint jobs_version unique constraint jobs_version_fk references versions (id),
  evaluation_failed boolean not null default false,
  tokens bigint,
  train_seconds double precision,
  tokens_per_second double precision,
  last_event_seq bigint not null default 0,
  log_lines int not null default 0,
  -- Attempts that were already made when somebody last asked for the job or its retry: the platform's own retries count from here.
  attempts_before int not null default 0,
  -- The platform's own retries wait until then.
  not_before timestamptz,
  created_at timestamptz not null default now(),
  queued_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  updated_at timestamptz not null default now()
);
create index jobs_institution_id on jobs (institution_id, id);
create index jobs_due on jobs (due_at) where due_at is not null;
create index jobs_state on jobs (state, queued_at);
create index jobs_ordered_by_job_id on jobs (ordered_by_job_id) where ordered_by_job_id is not null;

create table job_datasets (
  job_id text not null constraint job_datasets_job references jobs (id),
  dataset_version_id text not null constraint job_datasets_dataset references dataset_versions (id),
  role text not null,
  institution_id text not null constraint job_datasets_institution references institutions (id),
  position int not null,
  constraint job_datasets_pk primary key (job_id, role, dataset_version_id)
);

create table job_history (
  job_id text not null constraint job_history_job references jobs (id),
  n int not null,
  institution_id text not null constraint job_history_institution references institutions (id),
  state text not null,
  reason text,
  at timestamptz not null default now(),
  constraint job_history_pk primary key (job_id, n)
);

create table job_approvals (
  job_id text not null constraint job_approvals_job references jobs (id),
  user_id text not null constraint job_approvals_user references users (id),
  institution_id text not null constraint job_approvals_institution references institutions (id),
  name text not null,
  at timestamptz not null default now(),
  constraint job_approvals_pk primary key (job_id, user_id)
);

create table attempts (
  id text constraint attempts_pk primary key,
  institution_id text not null constraint attempts_institution references institutions (id),
  job_id text not null constraint attempts_job references jobs (id),
  number int not null,
  -- Deterministic name at the engine: a crash between submit and commit finds the run again.
  key text not null constraint attempts_key unique,
  cluster_id text not null constraint attempts_cluster references clusters (id),
  external jsonb,
  state text not null,
  exit_code int,
  failure_class text,
  failure_detail text,
  token_hash text not null constraint attempts_token unique,
  token_expires_at timestamptz not null,
  last_seq bigint not null default 0,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  last_heard_at timestamptz,
  constraint attempts_number unique (job_id, number)
);

-- Everything that happened to a job, in one order; logs and metrics are views of it through the partial indexes.
create table job_events (
  job_id text not null constraint job_events_job references jobs (id),
  seq bigint not null,
  institution_id text not null constraint job_events_institution references institutions (id),
  attempt_number int,
  attempt_seq bigint,
  at timestamptz not null,
  type text not null,
  data jsonb not null,
  log_line int,
  metric_key text,
  metric_step bigint,
  metric_value double precision,
  constraint job_events_pk primary key (job_id, seq),
  constraint job_events_once unique (job_id, attempt_number, attempt_seq)
);
create index job_events_log on job_events (job_id, log_line) where log_line is not null;
create index job_events_metric on job_events (job_id, metric_key, metric_step) where metric_key is not null;

create table evaluations (
  id text constraint evaluations_pk primary key,
  institution_id text not null constraint evaluations_institution references institutions (id),
  version_id text not null constraint evaluations_version references versions (id),
  dataset_version_id text not null constraint evaluations_dataset references dataset_versions (id),
  job_id text not null constraint evaluations_job references jobs (id),
  format text not null,
  root_digest text not null,
  rows int not null,
  exact_match double precision,
  perplexity double precision,
  items_sha256 text not null constraint evaluations_items references blobs (sha256),
  created_at timestamptz not null default now(),
  constraint evaluations_once unique (job_id, dataset_version_id)
);
create index evaluations_version_id on evaluations (version_id, dataset_version_id, created_at);
create trigger evaluations_append_only before update or delete on evaluations for each row execute function refuse_change();
`;
