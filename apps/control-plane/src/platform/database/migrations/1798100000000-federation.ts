import type { MigrationInterface, QueryRunner } from "typeorm";
import { ownRule, policy } from "./create-pyramid/row-security.js";

/** Signing in through a provider of an institution's own (OpenID Connect, SAML), and command lines that are let in by a code. */
export class Federation1798100000000 implements MigrationInterface {
  name = "Federation1798100000000";

  async up(runner: QueryRunner): Promise<void> {
    const guarded = ["identity_providers", "federated_identities", "federated_sign_ins", "spent_assertions", "device_authorizations"];
    for (const part of [tables, ...guarded.map((table) => policy(table, ownRule)), granted(guarded)]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error("People who sign in through a provider have no other way in; restore a copy of the data directory instead.");
  }
}

const tables = `
create table identity_providers (
  id text constraint identity_providers_pk primary key,
  institution_id text not null constraint identity_providers_institution references institutions (id),
  kind text not null constraint identity_providers_kind check (kind in ('oidc', 'saml')),
  name text not null,
  -- OpenID Connect: the issuer's address. SAML: the entity id of the provider.
  issuer text not null,
  -- The provider's own settings by kind: client id and scopes, or the address that asks people and the certificates that sign.
  settings jsonb not null,
  -- Closed by the platform's vault; SAML has none.
  client_secret text,
  groups_claim text not null,
  -- [{"group": "…", "roles": ["…"]}]
  mapping jsonb not null default '[]',
  is_enabled boolean not null,
  -- Written by the operator's variables at each start; only its mapping is changed elsewhere.
  is_configured boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index identity_providers_institution_id on identity_providers (institution_id, id);

-- Who a subject of a provider is here. It stays when the person leaves, so that they do not come back as somebody new.
create table federated_identities (
  id text constraint federated_identities_pk primary key,
  institution_id text not null constraint federated_identities_institution references institutions (id),
  provider_id text not null constraint federated_identities_provider references identity_providers (id),
  issuer text not null,
  subject text not null,
  user_id text not null constraint federated_identities_user references users (id),
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  constraint federated_identities_subject unique (provider_id, issuer, subject)
);
create index federated_identities_user_id on federated_identities (user_id);

-- A sign-in that is on its way through a browser; gone once it came back, or after ten minutes.
create table federated_sign_ins (
  state_hash text constraint federated_sign_ins_pk primary key,
  institution_id text not null constraint federated_sign_ins_institution references institutions (id),
  provider_id text not null constraint federated_sign_ins_provider references identity_providers (id),
  -- Of the cookie that binds it to the browser it began in.
  browser_hash text not null,
  -- OpenID Connect: nonce and PKCE verifier. SAML: the id of the request, then what the answer said. Closed by the vault.
  secrets text not null,
  return_to text not null,
  -- Somebody who is signed in and connects an account of the provider's with their own.
  user_id text constraint federated_sign_ins_user references users (id),
  session_id text,
  expires_at timestamptz not null
);
create index federated_sign_ins_expires_at on federated_sign_ins (expires_at);

-- Assertions and logout tokens that were taken: each counts once.
create table spent_assertions (
  provider_id text not null constraint spent_assertions_provider references identity_providers (id),
  institution_id text not null constraint spent_assertions_institution references institutions (id),
  assertion_id text not null,
  expires_at timestamptz not null,
  constraint spent_assertions_pk primary key (provider_id, assertion_id)
);
create index spent_assertions_expires_at on spent_assertions (expires_at);

alter table sessions add column provider_id text constraint sessions_provider references identity_providers (id);
-- The provider's own name of its session, by which it ends ours.
alter table sessions add column provider_session text;
create index sessions_provider_id on sessions (provider_id) where provider_id is not null;

-- A command line that asks to be let in. It is the platform's until a person says yes; what it may do is theirs.
create table device_authorizations (
  id text constraint device_authorizations_pk primary key,
  institution_id text not null constraint device_authorizations_institution references institutions (id),
  device_hash text not null constraint device_authorizations_device unique,
  user_code_hash text not null constraint device_authorizations_user_code unique,
  client_name text not null,
  address text not null,
  scopes text[] not null,
  interval_seconds int not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_asked_at timestamptz,
  decision text constraint device_authorizations_decision check (decision in ('approve', 'deny')),
  user_id text constraint device_authorizations_user references users (id),
  taken_at timestamptz
);
create index device_authorizations_expires_at on device_authorizations (expires_at);
`;

const granted = (names: readonly string[]) => `grant select, insert, update, delete on ${names.join(", ")} to ziggurat_app;`;
