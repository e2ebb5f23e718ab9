export const tenancyTables = `
create table institutions (
  id text constraint institutions_pk primary key,
  slug text not null constraint institutions_slug unique,
  name text not null,
  region text,
  created_at timestamptz not null default now()
);
insert into institutions (id, slug, name) values ('ins_00000000000000000000000000000000', 'platform', 'Platform');

create table users (
  id text constraint users_pk primary key,
  institution_id text not null constraint users_institution references institutions (id),
  email text not null constraint users_email unique,
  name text not null,
  password_hash text not null,
  must_change_password boolean not null default false,
  roles text[] not null,
  created_at timestamptz not null default now(),
  removed_at timestamptz
);
create index users_institution_id on users (institution_id, id);

create table sessions (
  id text constraint sessions_pk primary key,
  institution_id text not null constraint sessions_institution references institutions (id),
  user_id text not null constraint sessions_user references users (id),
  secret_hash text not null constraint sessions_secret unique,
  csrf_token text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sessions_user_id on sessions (user_id);

create table tokens (
  id text constraint tokens_pk primary key,
  institution_id text not null constraint tokens_institution references institutions (id),
  user_id text not null constraint tokens_user references users (id),
  name text not null,
  scopes text[] not null,
  secret_hash text not null constraint tokens_secret unique,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index tokens_user_id on tokens (user_id, id);

create table idempotency_keys (
  user_id text not null,
  path text not null,
  key text not null,
  institution_id text not null constraint idempotency_institution references institutions (id),
  body_digest text not null,
  status int,
  headers jsonb,
  body jsonb,
  created_at timestamptz not null default now(),
  constraint idempotency_keys_pk primary key (user_id, path, key)
);
create index idempotency_keys_created_at on idempotency_keys (created_at);

create table outbox (
  id text constraint outbox_pk primary key,
  name text not null,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  dispatched_at timestamptz
);
create index outbox_waiting on outbox (created_at) where dispatched_at is null;

-- Secrets and keys the platform makes for itself on first start (cursor signing, audit checkpoints).
create table platform_keys (
  name text constraint platform_keys_pk primary key,
  public_key text,
  private_key text not null,
  created_at timestamptz not null default now()
);
`;
