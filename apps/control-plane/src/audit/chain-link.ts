import { hash } from "node:crypto";

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
  /** Since when its names and free words are gone, with the institution that it was about. */
  readonly redacted_at: Date | null;
}

/** What stands in an entry's place for a name, or a free word, that went with its institution. */
export const REDACTED = "erased";

/**
 * Whether an entry lost its words lawfully: it says nothing in their place, and its institution was erased. It stands by the digest it had,
 * which the chain and the signed tree hold; what it said can no longer be read from here.
 */
export function isRedacted(entry: EntryRow, ownerIsErased: boolean): boolean {
  return ownerIsErased && entry.redacted_at !== null && entry.actor_name === REDACTED && entry.reason === "" && entry.request_id === null;
}

/** The members that an entry's digest covers, from its columns as they are now. */
export function digestedOf(row: Omit<EntryRow, "digest" | "redacted_at">) {
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

/** The digest an entry must have: `auditDigest(digestedOf(row))`, spelled out because a walk asks for it a million times. */
export function digestOfEntry(row: Omit<EntryRow, "digest" | "redacted_at">): string {
  const text = JSON.stringify;
  return hash(
    "sha256",
    `{"action":${text(row.action)},"actorId":${text(row.actor_id)},"actorName":${text(row.actor_name)},"afterDigest":${text(row.after_digest)},` +
      `"at":"${row.at.toISOString()}","beforeDigest":${text(row.before_digest)},"id":${text(row.id)},"institutionId":${text(row.institution_id)},` +
      `"object":${text(row.object)},"reason":${text(row.reason)},"requestId":${text(row.request_id)}}`,
    "hex",
  );
}

/** SHA-256 over the link before (nothing at the start) and the entry's own digest. */
export function digestOfLink(previousDigest: string | null, entryDigest: string): string {
  return hash("sha256", `${previousDigest ?? ""}\n${entryDigest}`, "hex");
}
