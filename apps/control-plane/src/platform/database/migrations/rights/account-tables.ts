import { metadataPolicy } from "../create-pyramid/row-security.js";

/** Service accounts, roles that an institution makes for itself, and the tiers of engineers. */
const tables = `
-- Of a platform engineer: the tiers they work at. Null for everybody from before there was a choice, who work at all.
alter table users add column tiers text[] constraint users_tiers check (cardinality(tiers) > 0 and tiers <@ array['foundation', 'finance']);

create table service_accounts (
  user_id text constraint service_accounts_pk primary key constraint service_accounts_user references users (id),
  institution_id text not null constraint service_accounts_institution references institutions (id),
  purpose text not null constraint service_accounts_purpose check (btrim(purpose) <> ''),
  -- Whoever answers for it; while that is no member any more, its tokens open nothing.
  responsible_id text not null constraint service_accounts_responsible references users (id),
  created_by text not null,
  created_at timestamptz not null default now()
);
create index service_accounts_responsible_id on service_accounts (responsible_id);
create index service_accounts_institution_id on service_accounts (institution_id, user_id);
-- Who made a token for a service account. Null where its owner did.
alter table tokens add column made_by text constraint tokens_made_by references users (id);

create table custom_roles (
  id text constraint custom_roles_pk primary key,
  institution_id text not null constraint custom_roles_institution references institutions (id),
  name text not null,
  description text not null,
  scopes text[] not null constraint custom_roles_scopes check (cardinality(scopes) > 0 and not scopes && array['institutions:write', 'admin']),
  created_by text not null,
  created_at timestamptz not null default now(),
  changed_at timestamptz,
  removed_at timestamptz
);
create unique index custom_roles_name on custom_roles (institution_id, lower(name)) where removed_at is null;
create table role_holders (
  user_id text not null constraint role_holders_user references users (id),
  role_id text not null constraint role_holders_role references custom_roles (id),
  institution_id text not null constraint role_holders_institution references institutions (id),
  given_by text not null,
  given_at timestamptz not null default now(),
  constraint role_holders_pk primary key (user_id, role_id)
);
create index role_holders_role_id on role_holders (role_id);
${metadataPolicy("service_accounts")}
${metadataPolicy("custom_roles")}
${metadataPolicy("role_holders")}
grant select, insert, update on service_accounts, custom_roles to ziggurat_app;
grant select, insert, delete on role_holders to ziggurat_app;
`;

/** Whatever code writes it: a role stays where it was made, and a program answers to a person of its own institution. */
const homes = `
create function refuse_foreign_holder() returns trigger language plpgsql as $$
declare reach_before text := coalesce(current_setting('app.reach', true), ''); at_home boolean;
begin
  perform set_config('app.reach', 'system', true);
  select u.institution_id = new.institution_id and r.institution_id = new.institution_id into at_home
    from users u, custom_roles r where u.id = new.user_id and r.id = new.role_id;
  perform set_config('app.reach', reach_before, true);
  if at_home is not true then raise exception 'role % belongs to another institution', new.role_id using errcode = 'ZG002'; end if;
  return new;
end $$;
create trigger role_holders_at_home before insert on role_holders for each row execute function refuse_foreign_holder();
create function refuse_foreign_responsible() returns trigger language plpgsql as $$
declare reach_before text := coalesce(current_setting('app.reach', true), ''); at_home boolean;
begin
  perform set_config('app.reach', 'system', true);
  select s.institution_id = new.institution_id and s.kind = 'service' and r.institution_id = new.institution_id and r.kind = 'person' into at_home
    from users s, users r where s.id = new.user_id and r.id = new.responsible_id;
  perform set_config('app.reach', reach_before, true);
  if at_home is not true then raise exception 'service account % answers to a person of its institution', new.user_id using errcode = 'ZG002'; end if;
  return new;
end $$;
create trigger service_accounts_at_home before insert or update on service_accounts for each row execute function refuse_foreign_responsible();
`;

const RIGHTS = `u.tiers, coalesce((select array_agg(distinct scope) from role_holders h join custom_roles r on r.id = h.role_id and r.removed_at is null,
  unnest(r.scopes) scope where h.user_id = u.id), '{}')`;

/** Who asks, with all that roles of the institution's own give, and with those who stand behind a program. */
const authentication = `
drop function authenticate_session(text);
drop function authenticate_token(text);
create function authenticate_session(given_hash text)
returns table (session_id text, csrf_token text, must_change_password boolean,
               user_id text, name text, roles text[], institution_id text, slug text, tiers text[], custom_scopes text[])
language plpgsql as $$
#variable_conflict use_column
declare reach_before text := coalesce(current_setting('app.reach', true), '');
begin
  perform set_config('app.reach', 'system', true);
  update sessions s set expires_at = least(now() + interval '12 hours', s.created_at + interval '14 days')
   where s.secret_hash = given_hash and s.expires_at > now()
     and s.expires_at < least(now() + interval '11 hours 50 minutes', s.created_at + interval '14 days');
  return query
    select s.id, s.csrf_token, u.must_change_password, u.id, u.name, u.roles, i.id, i.slug, ${RIGHTS}
      from sessions s join users u on u.id = s.user_id join institutions i on i.id = u.institution_id
     where s.secret_hash = given_hash and s.expires_at > now() and u.removed_at is null and u.kind = 'person';
  perform set_config('app.reach', reach_before, true);
end $$;

create function authenticate_token(given_hash text)
returns table (token_id text, scopes text[], expired boolean,
               user_id text, name text, roles text[], institution_id text, slug text, tiers text[], custom_scopes text[], behind text[])
language plpgsql as $$
#variable_conflict use_column
declare reach_before text := coalesce(current_setting('app.reach', true), '');
begin
  perform set_config('app.reach', 'system', true);
  update tokens t set last_used_at = now()
   where t.secret_hash = given_hash and t.revoked_at is null and t.expires_at > now()
     and (t.last_used_at is null or t.last_used_at < now() - interval '1 minute');
  return query
    select t.id, t.scopes, t.expires_at <= now(), u.id, u.name, u.roles, i.id, i.slug, ${RIGHTS},
        case when u.kind = 'service' then array_remove(array[a.responsible_id, t.made_by], null) else '{}' end
      from tokens t join users u on u.id = t.user_id join institutions i on i.id = u.institution_id
        left join service_accounts a on a.user_id = u.id left join users r on r.id = a.responsible_id
     where t.secret_hash = given_hash and t.revoked_at is null and u.removed_at is null
       and (u.kind = 'person' or r.removed_at is null and r.id is not null);
  perform set_config('app.reach', reach_before, true);
end $$;
`;

export const accountTables = [tables, homes, authentication];
