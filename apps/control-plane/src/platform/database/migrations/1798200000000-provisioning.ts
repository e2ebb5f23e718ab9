import type { MigrationInterface, QueryRunner } from "typeorm";
import { ownRule, policy } from "./create-pyramid/row-security.js";

/** People and groups that an institution's directory sends (SCIM), and passkeys (WebAuthn). */
export class Provisioning1798200000000 implements MigrationInterface {
  name = "Provisioning1798200000000";

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [directory, passkeys, ...TABLES.map((table) => policy(table, ownRule)), granted]) await runner.query(part);
  }

  async down(): Promise<void> {
    throw new Error("People without a password could not sign in any more; restore a copy of the data directory instead.");
  }
}

const TABLES = ["scim_users", "scim_groups", "scim_group_members", "scim_uses", "passkeys", "passkey_challenges"];

const directory = `
-- Whom a directory sends has no password of ours.
alter table users alter column password_hash drop not null;

-- What the directory says of a person beside their address. A member made by hand has no row until the directory takes them up.
create table scim_users (
  user_id text constraint scim_users_pk primary key constraint scim_users_user references users (id),
  institution_id text not null constraint scim_users_institution references institutions (id),
  external_id text,
  attributes jsonb not null default '{}',
  -- Roles that the person has by groups alone: what was given by hand is not taken away with a group.
  group_roles text[] not null default '{}',
  updated_at timestamptz not null default now(),
  -- Deactivated people are shown to the directory as inactive, deleted ones not at all.
  deleted_at timestamptz
);
create index scim_users_external_id on scim_users (institution_id, external_id) where external_id is not null;

create table scim_groups (
  id text constraint scim_groups_pk primary key,
  institution_id text not null constraint scim_groups_institution references institutions (id),
  name text not null,
  external_id text,
  -- What its members may do by it: an administrator's decision, never the directory's.
  roles text[] not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index scim_groups_name on scim_groups (institution_id, lower(name));

create table scim_group_members (
  group_id text not null constraint scim_group_members_group references scim_groups (id),
  user_id text not null constraint scim_group_members_user references users (id),
  institution_id text not null constraint scim_group_members_institution references institutions (id),
  constraint scim_group_members_pk primary key (group_id, user_id)
);
create index scim_group_members_user_id on scim_group_members (user_id);

create table scim_uses (
  institution_id text constraint scim_uses_pk primary key constraint scim_uses_institution references institutions (id),
  last_used_at timestamptz not null,
  token_id text not null constraint scim_uses_token references tokens (id)
);
`;

const passkeys = `
create table passkeys (
  id text constraint passkeys_pk primary key,
  user_id text not null constraint passkeys_user references users (id),
  institution_id text not null constraint passkeys_institution references institutions (id),
  -- As the authenticator named it, base64url.
  credential_id text not null constraint passkeys_credential unique,
  public_key bytea not null,
  -- Of the last use; one that counts and does not go on is a copy.
  counter bigint not null,
  transports text[] not null,
  name text not null,
  -- Kept by an account of the maker's on several devices, so that losing one loses nothing.
  is_synced boolean not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);
create index passkeys_user_id on passkeys (user_id, id);

-- What a browser was asked to sign; each is answered once, by that browser, within minutes.
create table passkey_challenges (
  -- Hash of a secret that the browser holds as a cookie.
  id text constraint passkey_challenges_pk primary key,
  institution_id text not null constraint passkey_challenges_institution references institutions (id),
  challenge text not null,
  purpose text not null constraint passkey_challenges_purpose check (purpose in ('register', 'sign_in')),
  -- Whose passkey is made; signing in says it only with the answer.
  user_id text constraint passkey_challenges_user references users (id),
  expires_at timestamptz not null
);
create index passkey_challenges_expires_at on passkey_challenges (expires_at);
`;

const granted = `grant select, insert, update, delete on ${TABLES.join(", ")} to ziggurat_app;`;
