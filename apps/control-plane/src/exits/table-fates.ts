/** What becomes of an institution's rows of one table when it takes its things along, and when it goes. */
export interface Fate {
  /** Whether its rows are in the export; a text says why not. */
  readonly exported: true | string;
  /** Columns that are left out of exported rows, each with the reason. */
  readonly without?: Readonly<Record<string, string>>;
  readonly erased: Erased;
}

export type Erased =
  /** Rows go. `order`: which first, where rows of the table refer to one another. */
  | { readonly how: "delete"; readonly order?: string }
  /** Rows stay without what they said: columns and the SQL of what they say instead. */
  | { readonly how: "blank"; readonly set: Readonly<Record<string, string>> }
  /** Rows stay as they are; why. */
  | { readonly how: "keep"; readonly why: string };

const GONE: Erased = { how: "delete" };
const kept = (why: string): Erased => ({ how: "keep", why });
const blank = (set: Readonly<Record<string, string>>): Erased => ({ how: "blank", set });
const LINEAGE = "lineage: ids, numbers, digests and dates, without which counts and seals of others would not hold";
const LOG = "in audit/, each entry with its proof";
const HOW = "a proof over digests, which names nobody";
const PLATFORMS = "the platform's alone";
const BOOKS = "the platform's books: amounts and days, without which the sums of closed months, and the parts of others, would not hold";

/** Lines of a statement in their order, without the reasons of corrections and what the models were for. */
const WORDLESS_LINES = `(select coalesce(jsonb_agg(line || '{"scenario": null, "reason": null}' order by place), '[]')
  from jsonb_array_elements(lines) with ordinality as each (line, place))`;

/**
 * Every table that institutions own, in the order in which an erasure goes through them: what refers to a row comes before it. A test walks
 * the database and fails for a table, or a secret column, that is not spoken of here.
 */
export const FATES: Readonly<Record<string, Fate>> = {
  // Doors first: nobody is inside while the rest goes.
  sessions: { exported: "secrets of signing in, which end with the erasure", erased: GONE },
  idempotency_keys: { exported: "answers that are kept a day for requests sent twice", erased: GONE },
  device_authorizations: { exported: "rows of the platform; those that a member said yes to go when the erasure begins", erased: GONE },
  passkey_challenges: { exported: "questions to browsers, which end within minutes", erased: GONE },
  passkeys: { exported: true, erased: GONE },
  recovery_codes: { exported: true, without: { code_hash: "a secret of signing in" }, erased: GONE },
  second_factors: { exported: true, without: { secret: "a secret of signing in" }, erased: GONE },
  // When its directory came last, and by which token.
  scim_uses: { exported: true, erased: GONE },
  tokens: { exported: true, without: { secret_hash: "a secret of signing in" }, erased: GONE },
  federated_sign_ins: { exported: "sign-ins on their way through a browser, which end within minutes", erased: GONE },
  spent_assertions: { exported: "ids of answers that were taken, kept until they run out", erased: GONE },
  federated_identities: { exported: true, erased: GONE },
  identity_providers: { exported: true, without: { client_secret: "a secret of signing in" }, erased: GONE },
  scim_group_members: { exported: true, erased: GONE },
  scim_groups: { exported: true, erased: GONE },
  scim_users: { exported: true, erased: GONE },
  role_holders: { exported: true, erased: GONE },
  custom_roles: { exported: true, erased: GONE },
  service_accounts: { exported: true, erased: GONE },

  search_documents: { exported: "worked out from names, cards and notes", erased: GONE },
  notices: { exported: true, erased: GONE },
  support_tellings: { exported: true, erased: GONE },
  external_event_names: { exported: true, erased: GONE },
  external_events: { exported: true, erased: GONE },
  audit_verifications: { exported: true, erased: GONE },
  verifications: { exported: true, erased: GONE },
  integrity_checks: { exported: true, erased: GONE },

  alias_proposals: { exported: true, erased: GONE },
  alias_guards: { exported: true, erased: GONE },
  aliases: { exported: true, erased: GONE },
  alias_moves: { exported: true, erased: GONE },
  deprecations: { exported: true, erased: GONE },
  version_signatures: { exported: true, erased: GONE },

  quota_warnings: { exported: true, erased: GONE },
  quota_proposals: { exported: true, erased: GONE },
  quotas: { exported: true, erased: GONE },
  reservations: { exported: true, erased: GONE },
  // Nothing of theirs waits for a second word any more.
  contributions: { exported: true, erased: GONE },

  evaluations: { exported: true, erased: GONE },
  job_events: { exported: true, erased: GONE },
  job_history: { exported: true, erased: GONE },
  job_approvals: { exported: true, erased: GONE },
  job_datasets: { exported: true, erased: GONE },
  attempts: { exported: true, without: { token_hash: "a secret of a run" }, erased: GONE },
  // Evaluations name the job that ordered them.
  jobs: { exported: true, erased: { how: "delete", order: "ordered_by_job_id nulls last" } },
  import_files: { exported: true, erased: GONE },
  imports: { exported: true, erased: GONE },

  // Files and rows went to tombstones before; see `ErasureSteps`.
  version_files: { exported: true, erased: kept("its rows go with the tombstone of their version") },
  blob_grants: { exported: true, erased: GONE },
  purged_files: { exported: true, erased: kept(LINEAGE) },
  tombstones: { exported: true, erased: kept("written by the erasure itself, or before it") },
  versions: { exported: true, erased: blank({ notes: "''", created_by: "'erased'", inspection: "null" }) },
  version_states: { exported: true, erased: blank({ by: "'erased'", reason: "''" }) },
  version_seals: { exported: true, erased: kept(LINEAGE) },
  edges: { exported: true, erased: kept(LINEAGE) },
  dataset_uses: { exported: true, erased: kept(LINEAGE) },
  lines: { exported: true, erased: kept(LINEAGE) },
  line_closure: { exported: true, erased: kept(LINEAGE) },
  dataset_versions: { exported: true, erased: blank({ notes: "''", created_by: "'erased'" }) },
  datasets: {
    exported: true,
    erased: blank({ name: "slug", description: "''", languages: "'{}'::text[]", created_by: "'erased'" }),
  },
  models: {
    exported: true,
    erased: blank({ name: "slug", card: "'{}'::jsonb", tags: "'{}'::text[]", scenario: "null", licence: "null", created_by: "'erased'" }),
  },

  entitlements: {
    exported: true,
    erased: blank({
      reason: "'erased'",
      granted_by: "'erased'",
      end_reason: "'erased'",
      ended_by: "'erased'",
      ended_at: "coalesce(ended_at, now())",
    }),
  },
  recalls: { exported: true, erased: blank({ reason: "'erased'", created_by: "'erased'", lifted_by: "null", lift_reason: "null" }) },
  recall_items: { exported: true, erased: kept(LINEAGE) },
  withdrawn_datasets: { exported: true, erased: kept(LINEAGE) },
  legal_holds: {
    exported: true,
    erased: blank({
      reason: "'erased'",
      reference: "null",
      set_by_name: "'erased'",
      lift_asked_by_name: "'erased'",
      lift_reason: "'erased'",
      lifted_by_name: "'erased'",
    }),
  },

  // What was charged is owed, and what others pay is worked out beside it. Ids of jobs, which are gone, and slugs stay; words do not.
  charges: { exported: true, erased: blank({ scenario: "null", reason: "''", made_by: "'erased'" }) },
  statements: { exported: true, erased: blank({ lines: WORDLESS_LINES }) },
  storage_days: { exported: true, erased: kept(BOOKS) },

  users: {
    exported: true,
    without: { password_hash: "a secret of signing in" },
    erased: blank({
      email: "id || '@erased.invalid'",
      name: "'erased'",
      password_hash: "null",
      roles: "'{}'::text[]",
      tiers: "null",
      // Accounts elsewhere that were seen to be the same person's stay joined with one another, and with this one no more.
      person: "null",
      removed_at: "coalesce(removed_at, now())",
    }),
  },
  // Last of what says names: the steps before it write none any more.
  audit_entries: { exported: LOG, erased: kept("redacted, not removed: its names and free words go, place and digest stay") },
  audit_chain: { exported: LOG, erased: kept(HOW) },
  audit_pending: { exported: "entries that wait for their seal; the export waits for it", erased: kept("goes when its entry is sealed") },
  audit_checkpoints: { exported: LOG, erased: kept(HOW) },
  audit_tree_heads: { exported: LOG, erased: kept(HOW) },
  audit_frontiers: { exported: "worked out from the entries", erased: kept(HOW) },

  institution_exits: {
    exported: true,
    without: { certificate_key: "a secret of whoever was given it" },
    erased: kept("who asked and who agreed: what the certificate rests on"),
  },
  institution_exports: { exported: true, erased: kept("when what was taken along, without what") },
  erased_files: { exported: "written by an erasure, behind every export", erased: kept("digests, which the certificate counts") },

  // The platform's own work, which names whom it touched by id.
  clean_ups: { exported: true, erased: kept(PLATFORMS) },
  clean_up_items: { exported: true, erased: kept(LINEAGE) },
  clean_up_rules: { exported: true, erased: kept(PLATFORMS) },
  garbage_collections: { exported: true, erased: kept(PLATFORMS) },
  blob_removals: { exported: true, erased: kept(PLATFORMS) },
  prices: { exported: true, erased: kept(PLATFORMS) },
  closed_months: { exported: true, erased: kept(PLATFORMS) },
  scheduling_policies: { exported: true, erased: kept(PLATFORMS) },
};

/** Columns whose name says that they hold a secret: each is left out, or the test fails. */
export const SECRET_COLUMN = /hash$|secret|password|token|certificate_key/;
