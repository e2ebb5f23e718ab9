const PLATFORM = "'ins_00000000000000000000000000000000'";

/** Tables whose rows only their institution (and the platform's own machinery) may read: contents, not metadata. */
const contents = ["job_events", "blob_grants", "sessions", "tokens", "idempotency_keys"];
/** Tables whose rows the platform's people may read as metadata. */
const metadata = [
  "users",
  "jobs",
  "job_datasets",
  "job_history",
  "job_approvals",
  "attempts",
  "audit_entries",
  "audit_pending",
  "audit_chain",
  "audit_checkpoints",
];
/** Tables in which rows of the shared tiers are a catalogue for everyone. */
const catalogue = [
  "models",
  "version_files",
  "aliases",
  "datasets",
  "dataset_versions",
  "edges",
  "dataset_uses",
  "lines",
  "line_closure",
  "evaluations",
];

export function policy(table: string, using: string): string {
  return `
alter table ${table} enable row level security;
alter table ${table} force row level security;
create policy ${table}_tenant on ${table} using (${using})
  with check (app_reach() in ('platform', 'system') or institution_id = app_institution());
-- Seeing a row of the catalogue is not owning it: it can be neither removed nor carried off by changing its owner.
create policy ${table}_removal on ${table} as restrictive for delete
  using (app_reach() in ('platform', 'system') or institution_id = app_institution());
create trigger ${table}_keeps_owner before update on ${table} for each row
  when (old.institution_id is distinct from new.institution_id) execute function refuse_owner_change();`;
}

const own = "institution_id = app_institution()";

/**
 * Row-level security behind the code: ENABLEd and FORCEd, with the tenant setting local to the transaction.
 * Outside a unit of work nothing is visible, since the settings are then empty.
 */
export const rowSecurity = `
create function app_institution() returns text language sql stable as $$ select nullif(current_setting('app.institution', true), '') $$;
create function refuse_owner_change() returns trigger language plpgsql as $$
begin
  raise exception 'a row of % keeps its owner', tg_table_name using errcode = 'ZG002';
end $$;
create function app_reach() returns text language sql stable as $$ select coalesce(nullif(current_setting('app.reach', true), ''), 'nobody') $$;

alter table institutions enable row level security;
alter table institutions force row level security;
create policy institutions_tenant on institutions
  using (app_reach() in ('platform', 'system') or id = app_institution() or (app_reach() = 'tenant' and id = ${PLATFORM}))
  with check (app_reach() in ('platform', 'system'));
${contents.map((table) => policy(table, `app_reach() = 'system' or ${own}`)).join("\n")}
${metadata.map((table) => policy(table, `app_reach() in ('platform', 'system') or ${own}`)).join("\n")}
${catalogue.map((table) => policy(table, `app_reach() in ('platform', 'system') or ${own} or (app_reach() = 'tenant' and institution_id = ${PLATFORM})`)).join("\n")}
${policy(
  "versions",
  `app_reach() in ('platform', 'system') or ${own}
   or (app_reach() = 'tenant' and institution_id = ${PLATFORM} and (state in ('released', 'deprecated', 'retired') or state in ('quarantined', 'recalled') and released_at is not null))`,
)}

-- The application login: everything but the schema itself. It owns nothing and cannot bypass the policies.
grant usage on schema public to ziggurat_app;
grant select, insert, update, delete on all tables in schema public to ziggurat_app;
grant usage, select on all sequences in schema public to ziggurat_app;
`;
