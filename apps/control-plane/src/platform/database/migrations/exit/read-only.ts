/**
 * Read only from the start of an exit, whatever door a write comes through. The row of the institution is shared: a write that began before
 * is waited for, and one that comes after sees the new state.
 */
export const readOnly = `
create function refuse_leaving_write() returns trigger language plpgsql as $$
declare its text;
begin
  select state into its from institutions where id = coalesce(new.institution_id, old.institution_id) for key share;
  if its <> 'active' then raise exception 'institution is %', its using errcode = 'ZG005'; end if;
  return coalesce(new, old);
end $$;
`;

/**
 * What goes on while an institution leaves: signing in, the log, notices, holds, looks at what is stored, the platform's books, and notes of who
 * had a hand in what goes on.
 */
const OPEN = new Set([
  "audit_chain",
  "audit_checkpoints",
  "audit_entries",
  "audit_frontiers",
  "audit_pending",
  "audit_tree_heads",
  "audit_verifications",
  "charges",
  "closed_months",
  "contributions",
  "device_authorizations",
  "erased_files",
  "federated_identities",
  "federated_sign_ins",
  "idempotency_keys",
  "institution_exits",
  "institution_exports",
  "job_history",
  "legal_holds",
  "notices",
  "passkey_challenges",
  "passkeys",
  "prices",
  "recovery_codes",
  "scim_users",
  "scim_uses",
  "search_documents",
  "second_factors",
  "sessions",
  "spent_assertions",
  "statements",
  "storage_days",
  "tokens",
  "verifications",
]);
/** Nothing new, while what is there may be ended or settled: a member leaves, a proposal is taken back. */
const NO_MORE = new Set([
  "alias_proposals",
  "blob_grants",
  "entitlements",
  // A provider that changes its secret, or is not trusted any more, must not lock anybody out, or in.
  "identity_providers",
  "imports",
  "jobs",
  "quota_proposals",
  "role_holders",
  "scim_group_members",
  // Somebody else answers for a program when a member leaves.
  "service_accounts",
]);
/** What the platform's people might make for an institution. */
const FOR_THEM = new Set(["entitlements", "models", "datasets", "jobs", "quota_proposals"]);
/** Nor does work begin again that had come to its end, or waited. */
const BEGINS: Readonly<Record<string, string>> = { jobs: "queued", imports: "resolving" };

/** Nobody joins or comes back, whoever writes it: a sign-in through a provider makes members before there is a viewer. */
const joining = [
  "create trigger users_leaving_joins before insert on users for each row execute function refuse_leaving_write()",
  `create trigger users_leaving_returns before update on users for each row
     when (old.removed_at is not null and new.removed_at is null) execute function refuse_leaving_write()`,
];

/** Statements that make a table read only while its institution leaves. */
export function leavingTriggers(table: string): string[] {
  if (OPEN.has(table)) return [];
  if (table === "users") return joining;
  const doing = (name: string, events: string, when: string): string =>
    `create trigger ${table}_${name} before ${events} on ${table} for each row when (${when}) execute function refuse_leaving_write()`;
  const begins = BEGINS[table];
  return [
    doing("leaving", NO_MORE.has(table) ? "insert" : "insert or update or delete", "app_reach() = 'tenant'"),
    ...(begins === undefined
      ? []
      : [doing("leaving_begins", "update", `app_reach() = 'tenant' and new.state = '${begins}' and old.state is distinct from new.state`)]),
    ...(FOR_THEM.has(table) ? [doing("leaving_platform", "insert", "app_reach() = 'platform'")] : []),
  ];
}
