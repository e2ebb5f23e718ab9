import { Injectable } from "@nestjs/common";
import type { Acknowledgement, RecallState, VersionState } from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import { type ReachedVersion, type RecallRow, SELECT_RECALL, type Subject } from "./recall-row.js";

export interface NewRecall extends Subject {
  readonly institutionId: string;
  readonly reason: string;
  readonly expected: number;
  readonly acknowledgeBy: Date;
  readonly createdBy: string;
}
/** A version that a recall holds, locked. */
export interface HeldVersion {
  readonly id: string;
  readonly institution_id: string;
  readonly ref: string;
  readonly before_state: VersionState;
}

@Injectable()
export class RecallsRepository {
  async find(tx: Tx, id: string): Promise<RecallRow | null> {
    const [row] = await tx.query<RecallRow>(`${SELECT_RECALL} where r.id = $1`, [id]);
    return row ?? null;
  }

  /** The row once everyone who changes it is done; nobody else changes it until this transaction ends. */
  async lock(tx: Tx, id: string): Promise<RecallRow | null> {
    await tx.query("select 1 from recalls where id = $1 for update", [id]);
    return this.find(tx, id);
  }

  list(tx: Tx, before: string | null, limit: number): Promise<RecallRow[]> {
    return tx.query<RecallRow>(`${SELECT_RECALL} where $1::text is null or r.id < $1 order by r.id desc limit $2`, [before, limit]);
  }

  /** Waits for whoever moves the version, or seals what learnt from the data, and keeps both from it until this transaction ends. */
  async lockSubject(tx: Tx, { versionId, datasetVersionId }: Subject): Promise<void> {
    if (versionId !== null) await tx.query("select 1 from versions where id = $1 for update", [versionId]);
    if (datasetVersionId !== null) await tx.query("select 1 from dataset_versions where id = $1 for update", [datasetVersionId]);
  }

  async isRecalled(tx: Tx, { versionId, datasetVersionId }: Subject): Promise<boolean> {
    const rows = await tx.query("select 1 from recalls where state <> 'lifted' and (version_id = $1 or dataset_version_id = $2) limit 1", [
      versionId,
      datasetVersionId,
    ]);
    return rows.length > 0;
  }

  async insert(tx: Tx, recall: NewRecall): Promise<string> {
    const id = newId("recall");
    await tx.query(
      `insert into recalls (id, institution_id, version_id, dataset_version_id, state, reason, expected, acknowledge_by, created_by)
       values ($1, $2, $3, $4, 'executing', $5, $6, $7, $8)`,
      [
        id,
        recall.institutionId,
        recall.versionId,
        recall.datasetVersionId,
        recall.reason,
        recall.expected,
        recall.acknowledgeBy,
        recall.createdBy,
      ],
    );
    return id;
  }

  /** From now on nothing learns from this data, whoever asks. */
  async withdrawData(tx: Tx, id: string, datasetVersionId: string, institutionId: string): Promise<void> {
    await tx.query("insert into withdrawn_datasets (dataset_version_id, institution_id, recall_id) values ($1, $2, $3)", [
      datasetVersionId,
      institutionId,
      id,
    ]);
  }

  async returnData(tx: Tx, id: string): Promise<void> {
    await tx.query("delete from withdrawn_datasets where recall_id = $1", [id]);
  }

  /** Moves the recall and its cursor on. A state that wants no work has nothing due. */
  async advance(
    tx: Tx,
    id: string,
    to: RecallState,
    cursor: { line: string; seq: number } | null,
    leaseSeconds: number | null,
  ): Promise<void> {
    await tx.query(
      `update recalls set state = $2, cursor_line = $3, cursor_seq = $4,
         due_at = case when $5::int is null then null else now() + make_interval(secs => $5) end where id = $1`,
      [id, to, cursor?.line ?? null, cursor?.seq ?? null, leaseSeconds],
    );
  }

  async lift(tx: Tx, id: string, by: string, reason: string): Promise<void> {
    await tx.query(
      `update recalls set state = 'lifting', lifted_at = now(), lifted_by = $2, lift_reason = $3, cursor_line = null, cursor_seq = null,
         due_at = now() where id = $1`,
      [id, by, reason],
    );
  }

  async countJobs(tx: Tx, id: string, cancelled: number, flagged: number): Promise<void> {
    await tx.query("update recalls set jobs_cancelled = jobs_cancelled + $2, jobs_flagged = jobs_flagged + $3 where id = $1", [
      id,
      cancelled,
      flagged,
    ]);
  }

  async hold(tx: Tx, id: string, versions: readonly ReachedVersion[]): Promise<void> {
    await tx.query(
      `insert into recall_items (recall_id, version_id, institution_id, before_state)
       select $1, * from unnest($2::text[], $3::text[], $4::text[])`,
      [
        id,
        versions.map((version) => version.id),
        versions.map((version) => version.institution_id),
        versions.map((version) => version.state),
      ],
    );
  }

  /** Sets the state of versions whose rows are locked. */
  async setState(tx: Tx, ids: readonly string[], to: VersionState, reason: string): Promise<void> {
    // Left where the trigger that remembers every state finds it.
    await tx.query("select set_config('app.reason', $1, true)", [reason]);
    await tx.query("update versions set state = $2, updated_at = clock_timestamp() where id = any($1)", [ids, to]);
  }

  /** The next versions the recall still holds, with their rows locked. */
  async nextHeld(tx: Tx, id: string, limit: number): Promise<HeldVersion[]> {
    await tx.query(
      `select 1 from versions where id in
         (select version_id from recall_items where recall_id = $1 and lifted_at is null order by version_id limit $2) order by id for update`,
      [id, limit],
    );
    return tx.query<HeldVersion>(
      `select v.id, v.institution_id, m.namespace || '/' || m.slug || '@' || v.number as ref, t.before_state
       from recall_items t join versions v on v.id = t.version_id join models m on m.id = v.model_id
       where t.recall_id = $1 and t.lifted_at is null order by t.version_id limit $2`,
      [id, limit],
    );
  }

  /** Other recalls that hold these versions still, oldest first. */
  otherHolds(tx: Tx, id: string, versionIds: readonly string[]) {
    return tx.query<{ readonly version_id: string; readonly recall: string; readonly before: VersionState }>(
      `select version_id, recall_id as recall, before_state as before from recall_items
       where version_id = any($2) and recall_id <> $1 and lifted_at is null order by version_id, recall_id`,
      [id, versionIds],
    );
  }

  async handOver(tx: Tx, versionId: string, to: string, before: VersionState): Promise<void> {
    await tx.query("update recall_items set before_state = $3 where recall_id = $2 and version_id = $1", [versionId, to, before]);
  }

  async letGo(tx: Tx, id: string, versionIds: readonly string[]): Promise<void> {
    await tx.query("update recall_items set lifted_at = now() where recall_id = $1 and version_id = any($2)", [id, versionIds]);
  }

  async counts(tx: Tx, ids: readonly string[]): Promise<Map<string, { readonly blocked: number; readonly restored: number }>> {
    const rows = await tx.query<{ id: string; blocked: number; restored: number }>(
      `select recall_id as id, count(*)::int as blocked, count(lifted_at)::int as restored from recall_items
       where recall_id = any($1) group by recall_id`,
      [ids],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** One page of what a recall holds or held, as far as the viewer sees it. */
  items(tx: Tx, id: string, after: string | null, limit: number) {
    return tx.query<ReachedVersion>(
      `select v.id, v.institution_id, m.namespace || '/' || m.slug || '@' || v.number as ref, v.tier, i.slug as owner, v.state
       from recall_items t join versions v on v.id = t.version_id join models m on m.id = v.model_id
         join institutions i on i.id = v.institution_id
       where t.recall_id = $1 and ($2::text is null or t.version_id > $2) order by t.version_id limit $3`,
      [id, after, limit],
    );
  }

  /** What institutions said about these recalls. */
  async acknowledgements(tx: Tx, ids: readonly string[]): Promise<Map<string, Acknowledgement[]>> {
    const rows = await tx.query<{
      recall_id: string;
      institution: string;
      versions: number;
      created_at: Date;
      seen_at: Date | null;
      acknowledged_at: Date | null;
      acknowledged_by: string | null;
      escalations: number;
    }>(
      `select n.recall_id, i.slug as institution, n.created_at, n.seen_at, n.acknowledged_at, n.acknowledged_by, n.escalations,
         (select count(*)::int from recall_items t where t.recall_id = n.recall_id and t.institution_id = n.institution_id) as versions
       from notices n join institutions i on i.id = n.institution_id
       where n.recall_id = any($1) and n.kind = 'recall' order by i.slug`,
      [ids],
    );
    const byRecall = new Map<string, Acknowledgement[]>();
    for (const row of rows) {
      const one = {
        institution: row.institution,
        versions: row.versions,
        noticedAt: row.created_at.toISOString(),
        seenAt: row.seen_at?.toISOString() ?? null,
        acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
        acknowledgedBy: row.acknowledged_by,
        escalations: row.escalations,
      };
      byRecall.set(row.recall_id, [...(byRecall.get(row.recall_id) ?? []), one]);
    }
    return byRecall;
  }
}
