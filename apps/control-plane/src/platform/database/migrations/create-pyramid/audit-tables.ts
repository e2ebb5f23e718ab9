export const auditTables = `
-- Written inside every state change's own transaction; chained by the sealer within a second, so writers never queue.
create table audit_entries (
  id text constraint audit_entries_pk primary key,
  institution_id text not null constraint audit_entries_institution references institutions (id),
  at timestamptz not null,
  actor_id text not null,
  actor_name text not null,
  request_id text,
  action text not null,
  object text not null,
  reason text not null,
  before_digest text,
  after_digest text,
  digest text not null
);
create index audit_entries_institution_id on audit_entries (institution_id, id);
create trigger audit_entries_append_only before update or delete on audit_entries for each row execute function refuse_change();

-- Entries not chained yet. Only the sealer removes them, in the transaction that chains them.
create table audit_pending (
  entry_id text constraint audit_pending_pk primary key,
  institution_id text not null constraint audit_pending_institution references institutions (id)
);
create index audit_pending_institution_id on audit_pending (institution_id, entry_id);
create function note_pending_entry() returns trigger language plpgsql as $$
begin
  insert into audit_pending (entry_id, institution_id) values (new.id, new.institution_id);
  return null;
end $$;
create trigger audit_entries_pending after insert on audit_entries for each row execute function note_pending_entry();

create table audit_chain (
  institution_id text not null constraint audit_chain_institution references institutions (id),
  sequence bigint not null,
  entry_id text not null constraint audit_chain_entry unique,
  -- sha256 over the previous link's digest and the entry's own digest.
  previous_digest text,
  digest text not null,
  constraint audit_chain_pk primary key (institution_id, sequence)
);
create trigger audit_chain_append_only before update or delete on audit_chain for each row execute function refuse_change();

-- Signed heads: cutting off the last entries is found because the newest checkpoint no longer has its link.
create table audit_checkpoints (
  institution_id text not null constraint audit_checkpoints_institution references institutions (id),
  sequence bigint not null,
  digest text not null,
  at timestamptz not null,
  signature text not null,
  constraint audit_checkpoints_pk primary key (institution_id, sequence)
);
create trigger audit_checkpoints_append_only before update or delete on audit_checkpoints for each row execute function refuse_change();
`;
