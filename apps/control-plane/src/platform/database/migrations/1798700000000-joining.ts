import type { MigrationInterface, QueryRunner } from "typeorm";

/** Trips to a provider that open another institution beside the one that is open; and passwords that must be changed by whoever came in by them. */
export class Joining1798700000000 implements MigrationInterface {
  name = "Joining1798700000000";

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [purposes, ways]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error("Whose sessions were opened by what is not known without; restore a copy of the data directory instead.");
  }
}

const purposes = `
-- What somebody who is signed in sends their browser for; null where nobody is.
alter table federated_sign_ins add column purpose text
  constraint federated_sign_ins_purpose check (purpose in ('link', 'join'));
update federated_sign_ins set purpose = 'link' where session_id is not null;
alter table federated_sign_ins add constraint federated_sign_ins_asker
  check ((session_id is null) = (purpose is null));
`;

/** A one-time password is nothing to somebody who came in without it, and may not even know it. */
const ways = `
alter table sessions add column by_password boolean not null default true;
update sessions set by_password = false where provider_id is not null;
alter table sessions alter column by_password drop default;
create or replace function authenticate_session(given_hash text)
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
    select s.id, s.csrf_token, u.must_change_password and s.by_password, u.id, u.name, u.roles, i.id, i.slug, u.tiers,
        coalesce((select array_agg(distinct scope) from role_holders h join custom_roles r on r.id = h.role_id and r.removed_at is null,
          unnest(r.scopes) scope where h.user_id = u.id), '{}')
      from sessions s join users u on u.id = s.user_id join institutions i on i.id = u.institution_id
     where s.secret_hash = given_hash and s.expires_at > now() and u.removed_at is null and u.kind = 'person';
  perform set_config('app.reach', reach_before, true);
end $$;
`;
