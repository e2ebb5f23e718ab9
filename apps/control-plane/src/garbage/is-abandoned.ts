import type { StoredUpload } from "../registry/blobs/blob-store.js";

/** What keeps unfinished uploads. */
export interface UploadKeepers {
  /** Whatever came since then stays. */
  readonly until: Date;
  /** When the oldest unfinished job of an institution began, by its id. */
  readonly working: ReadonlyMap<string, Date>;
  /** Institutions all of whose things are held. */
  readonly held: ReadonlySet<string>;
  /** When imports ended, by id; null while one is under way. */
  readonly imports: ReadonlyMap<string, Date | null>;
}

/** The import that an upload belongs to, or null: it is somebody's upload of one file. */
export function importOf(upload: string): string | null {
  return /^(imp_[0-9a-f]{32})-\d+$/.exec(upload)?.[1] ?? null;
}

/** Whether nobody goes on with an unfinished upload any more. */
export function isAbandoned({ owner, upload, changedAt }: StoredUpload, { until, working, held, imports }: UploadKeepers): boolean {
  if (held.has(owner) || changedAt >= until || changedAt >= (working.get(owner) ?? until)) return false;
  const importId = importOf(upload);
  if (importId === null || !imports.has(importId)) return true;
  const endedAt = imports.get(importId) ?? null;
  return endedAt !== null && endedAt < until;
}
