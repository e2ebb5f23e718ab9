import { Injectable } from "@nestjs/common";
import type { FileProblem, SealDifference, VerificationState, VersionState } from "@ziggurat/contracts";
import { LIVE_STATES } from "@ziggurat/pyramid";
import { newId } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface VerificationRow {
  readonly id: string;
  readonly institution_id: string;
  readonly version_id: string;
  readonly ref: string;
  readonly root_digest: string;
  readonly state: VerificationState;
  readonly cause: "asked" | "schedule";
  readonly requested_by: string;
  readonly bytes_done: string;
  readonly bytes_total: string;
  readonly bad_path: string | null;
  readonly bad_problem: FileProblem | null;
  readonly altered: readonly SealDifference[];
  readonly detail: string | null;
  readonly created_at: Date;
  readonly finished_at: Date | null;
}
export interface BadFile {
  readonly path: string;
  readonly sha256: string;
  readonly problem: FileProblem;
}
/** A version that holds damaged bytes, or whose rows were altered. */
export interface HolderRow {
  readonly id: string;
  readonly institution_id: string;
  readonly ref: string;
  readonly state: VersionState;
  readonly root_digest: string;
}

const SELECT = `
  select q.*, m.namespace || '/' || m.slug || '@' || v.number as ref, v.root_digest
  from verifications q join versions v on v.id = q.version_id join models m on m.id = v.model_id`;

@Injectable()
export class VerificationsRepository {
  async find(tx: Tx, id: string): Promise<VerificationRow | null> {
    const [row] = await tx.query<VerificationRow>(`${SELECT} where q.id = $1`, [id]);
    return row ?? null;
  }

  list(tx: Tx, versionId: string, before: string | null, limit: number): Promise<VerificationRow[]> {
    return tx.query<VerificationRow>(`${SELECT} where q.version_id = $1 and ($2::text is null or q.id < $2) order by q.id desc limit $3`, [
      versionId,
      before,
      limit,
    ]);
  }

  /** Asks for a reading; while one of the same version is open, that one is answered. */
  async open(
    tx: Tx,
    version: { readonly id: string; readonly institutionId: string; readonly sizeBytes: number },
    cause: VerificationRow["cause"],
    by: string,
  ): Promise<{ readonly id: string; readonly isNew: boolean }> {
    const [made] = await tx.query<{ id: string }>(
      `insert into verifications (id, institution_id, version_id, cause, requested_by, bytes_total) values ($1, $2, $3, $4, $5, $6)
       on conflict (version_id) where finished_at is null do nothing returning id`,
      [newId("verification"), version.institutionId, version.id, cause, by, version.sizeBytes],
    );
    if (made !== undefined) return { id: made.id, isNew: true };
    const [there] = await tx.query<{ id: string }>("select id from verifications where version_id = $1 and finished_at is null", [
      version.id,
    ]);
    if (there === undefined) return this.open(tx, version, cause, by);
    return { id: there.id, isNew: false };
  }

  /** Says how far a reading has come, and keeps others off it for `leaseSeconds`. @returns whether it is still open */
  async progress(tx: Tx, id: string, bytesDone: number, leaseSeconds: number): Promise<boolean> {
    const rows = await tx.query(
      `update verifications set state = 'running', bytes_done = $2, due_at = now() + make_interval(secs => $3)
       where id = $1 and finished_at is null returning id`,
      [id, bytesDone, leaseSeconds],
    );
    return rows.length > 0;
  }

  /** @returns whether this was the first result */
  async finish(
    tx: Tx,
    id: string,
    state: VerificationState,
    found: {
      readonly bad: BadFile | null;
      readonly altered: readonly SealDifference[];
      readonly detail: string | null;
      readonly bytesDone: number;
    },
  ): Promise<boolean> {
    const rows = await tx.query(
      `update verifications set state = $2, bad_path = $3, bad_problem = $4, detail = $5, bytes_done = $6, altered = $7,
         finished_at = now(), due_at = null
       where id = $1 and finished_at is null returning id`,
      [id, state, found.bad?.path ?? null, found.bad?.problem ?? null, found.detail, found.bytesDone, JSON.stringify(found.altered)],
    );
    return rows.length > 0;
  }

  async noteChecked(tx: Tx, versionId: string, institutionId: string): Promise<void> {
    await tx.query(
      `insert into integrity_checks (version_id, institution_id, checked_at) values ($1, $2, now())
       on conflict (version_id) do update set checked_at = excluded.checked_at`,
      [versionId, institutionId],
    );
  }

  /** Live versions that hold these bytes, locked in one order, whoever they belong to: content is stored once. */
  async holders(tx: Tx, sha256: string): Promise<HolderRow[]> {
    await tx.query(
      `select 1 from versions where id in (select version_id from version_files where sha256 = $1) and state = any($2) order by id for update`,
      [sha256, LIVE_STATES],
    );
    return tx.query<HolderRow>(
      `select v.id, v.institution_id, m.namespace || '/' || m.slug || '@' || v.number as ref, v.state, v.root_digest
       from versions v join models m on m.id = v.model_id
       where v.id in (select version_id from version_files where sha256 = $1) and v.state = any($2) order by v.id`,
      [sha256, LIVE_STATES],
    );
  }

  /** This version where it is live, locked. */
  async live(tx: Tx, versionId: string): Promise<HolderRow[]> {
    await tx.query("select 1 from versions where id = $1 and state = any($2) for update", [versionId, LIVE_STATES]);
    return tx.query<HolderRow>(
      `select v.id, v.institution_id, m.namespace || '/' || m.slug || '@' || v.number as ref, v.state, v.root_digest
       from versions v join models m on m.id = v.model_id where v.id = $1 and v.state = any($2)`,
      [versionId, LIVE_STATES],
    );
  }

  /** Live versions that were not read for so long, the longest unread first. */
  async unread(tx: Tx, hours: number, limit: number): Promise<{ id: string; institution_id: string; size_bytes: string }[]> {
    return tx.query(
      `select v.id, v.institution_id, v.size_bytes from versions v left join integrity_checks c on c.version_id = v.id
       where v.state = any($1) and (c.checked_at is null or c.checked_at < now() - make_interval(hours => 1) * $2)
         and not exists (select 1 from verifications q where q.version_id = v.id and q.finished_at is null)
         and coalesce(c.checked_at, v.sealed_at) < now() - make_interval(hours => 1) * $2
       order by c.checked_at nulls first, v.id limit $3`,
      [LIVE_STATES, hours, limit],
    );
  }

  async countOpen(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ open: number }>("select count(*)::int as open from verifications where finished_at is null");
    return row?.open ?? 0;
  }
}
