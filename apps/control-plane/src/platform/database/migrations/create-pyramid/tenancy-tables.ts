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
  email text not null,
  name text not null,
  password_hash text not null,
  must_change_password boolean not null default false,
  roles text[] not null,
  created_at timestamptz not null default now(),
  removed_at timestamptz
);
create index users_institution_id on users (institution_id, id);
-- A removed member's address may be used again; their row stays, because records name it.
create unique index users_email on users (email) where removed_at is null;

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
  -- What the request changed, written with the change itself: an answer lost in a crash is then not worked out a second time.
  effect text,
  status int,
  headers jsonb,
  body json,
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

-- Who asks is looked up in one round trip, before there is a viewer; the wider reach holds inside the call only.
create function authenticate_session(given_hash text)
returns table (session_id text, csrf_token text, must_change_password boolean,
               user_id text, name text, roles text[], institution_id text, slug text)
language plpgsql as $$
#variable_conflict use_column
declare reach_before text := coalesce(current_setting('app.reach', true), '');
begin
  perform set_config('app.reach', 'system', true);
  update sessions s set expires_at = least(now() + interval '12 hours', s.created_at + interval '14 days')
   where s.secret_hash = given_hash and s.expires_at > now()
     and s.expires_at < least(now() + interval '11 hours 50 minutes', s.created_at + interval '14 days');
  return query
    select s.id, s.csrf_token, u.must_change_password, u.id, u.name, u.roles, i.id, i.slug
      from sessions s join users u on u.id = s.user_id join institutions i on i.id = u.institution_id
     where s.secret_hash = given_hash and s.expires_at > now() and u.removed_at is null;
  perform set_config('app.reach', reach_before, true);
end $$;

create function authenticate_token(given_hash text)
returns table (token_id text, scopes text[], expired boolean,
               user_id text, name text, roles text[], institution_id text, slug text)
language plpgsql as $$
#variable_conflict use_column
declare reach_before text := coalesce(current_setting('app.reach', true), '');
begin
  perform set_config('app.reach', 'system', true);
  update tokens t set last_used_at = now()
   where t.secret_hash = given_hash and t.revoked_at is null and t.expires_at > now()
     and (t.last_used_at is null or t.last_used_at < now() - interval '1 minute');
  return query
    select t.id, t.scopes, t.expires_at <= now(), u.id, u.name, u.roles, i.id, i.slug
      from tokens t join users u on u.id = t.user_id join institutions i on i.id = u.institution_id
     where t.secret_hash = given_hash and t.revoked_at is null and u.removed_at is null;
  perform set_config('app.reach', reach_before, true);
end $$;
`;
