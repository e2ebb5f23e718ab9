export const signatureTables = `
-- Public keys that releases were ever signed with, so that an old signature can still be checked after the key has changed.
create table signing_keys (
  key_id text constraint signing_keys_pk primary key,
  public_key text not null,
  created_at timestamptz not null default now()
);

-- OpenSSF Model Signing bundles, written by the transaction that releases a version. The text is what was signed: never re-rendered.
create table version_signatures (
  version_id text not null constraint version_signatures_version references versions (id),
  key_id text not null constraint version_signatures_key references signing_keys (key_id),
  institution_id text not null constraint version_signatures_institution references institutions (id),
  root_digest text not null,
  bundle text not null,
  signed_at timestamptz not null default clock_timestamp(),
  constraint version_signatures_pk primary key (version_id, key_id)
);
create trigger version_signatures_append_only before update or delete on version_signatures for each row execute function refuse_change();
`;
