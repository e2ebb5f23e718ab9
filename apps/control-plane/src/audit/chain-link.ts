import { createHash } from "node:crypto";
import { auditDigest } from "../platform/database/audit-record.js";

/** An audit entry's row, as far as its digest covers it. */
export interface EntryRow {
  readonly id: string;
  readonly institution_id: string;
  readonly at: Date;
  readonly actor_id: string;
  readonly actor_name: string;
  readonly request_id: string | null;
  readonly action: string;
  readonly object: string;
  readonly reason: string;
  readonly before_digest: string | null;
  readonly after_digest: string | null;
  readonly digest: string;
}

/** The members that an entry's digest covers, from its columns as they are now. */
export function digestedOf(row: Omit<EntryRow, "digest">) {
  return {
    id: row.id,
    institutionId: row.institution_id,
    at: row.at.toISOString(),
    actorId: row.actor_id,
    actorName: row.actor_name,
    requestId: row.request_id,
    action: row.action,
    object: row.object,
    reason: row.reason,
    beforeDigest: row.before_digest,
    afterDigest: row.after_digest,
  };
}

/** The digest an entry must have. */
export function digestOfEntry(row: Omit<EntryRow, "digest">): string {
  return auditDigest(digestedOf(row));
}

/** SHA-256 over the link before (nothing at the start) and the entry's own digest. */
export function digestOfLink(previousDigest: string | null, entryDigest: string): string {
  return createHash("sha256")
    .update(`${previousDigest ?? ""}\n${entryDigest}`)
    .digest("hex");
}
