import { Injectable } from "@nestjs/common";
import { type CleanUp, CleanUpId, type CleanUpItem } from "@ziggurat/contracts";
import { newId, PLATFORM_ID } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import type { PurgeTarget } from "../purges/purge-row.js";

interface CleanUpRow {
  readonly id: string;
  readonly rule: string;
  readonly revision: number;
  readonly state: CleanUp["state"];
  readonly reason: string;
  readonly requested_by_name: string;
  readonly created_at: Date;
  readonly finished_at: Date | null;
  readonly expected: number;
  readonly purged: number;
  readonly kept: number;
  readonly size_bytes: string;
}

const SELECT = `
  select c.id, c.rule, c.revision, c.state, c.reason, c.requested_by_name, c.created_at, c.finished_at, n.*
  from clean_ups c cross join lateral (
    select count(*)::int as expected, count(*) filter (where t.outcome = 'purged')::int as purged,
      count(*) filter (where t.outcome = 'kept')::int as kept, coalesce(sum(t.size_bytes), 0) as size_bytes
    from clean_up_items t where t.clean_up_id = c.id) n`;

/** Carryings out of rules, and what became of each version. */
@Injectable()
export class CleanUpsRepository {
  async find(tx: Tx, id: string): Promise<CleanUp | null> {
    const [row] = await tx.query<CleanUpRow>(`${SELECT} where c.id = $1`, [id]);
    return row === undefined ? null : cleanUpOf(row);
  }

  /** The row once everyone who changes it is done; nobody else changes it until this transaction ends. */
  async lock(tx: Tx, id: string): Promise<CleanUp | null> {
    await tx.query("select 1 from clean_ups where id = $1 for update", [id]);
    return this.find(tx, id);
  }

  async list(tx: Tx, before: string | null, limit: number): Promise<CleanUp[]> {
    const rows = await tx.query<CleanUpRow>(`${SELECT} where $1::text is null or c.id < $1 order by c.id desc limit $2`, [before, limit]);
    return rows.map(cleanUpOf);
  }

  async isRunning(tx: Tx, rule: string): Promise<boolean> {
    return (await tx.query("select 1 from clean_ups where rule = $1 and state = 'executing'", [rule])).length > 0;
  }

  /** Of two by one rule at the same moment one is refused by the index. */
  async insert(
    tx: Tx,
    cleanUp: { readonly rule: string; readonly revision: number; readonly reason: string },
    versions: readonly PurgeTarget[],
  ): Promise<string> {
    const id = newId("cleanUp");
    await tx.query(
      `insert into clean_ups (id, institution_id, rule, revision, reason, requested_by, requested_by_name) values ($1, $2, $3, $4, $5, $6, $7)`,
      [id, PLATFORM_ID, cleanUp.rule, cleanUp.revision, cleanUp.reason, tx.viewer.userId, tx.viewer.name],
    );
    await tx.query(
      `insert into clean_up_items (clean_up_id, n, version_id, institution_id)
       select $1, n, version_id, institution_id from unnest($2::text[], $3::text[]) with ordinality as t (version_id, institution_id, n)`,
      [id, versions.map((version) => version.id), versions.map(({ institutionId }) => institutionId)],
    );
    return id;
  }

  /** The next versions whose turn it is. */
  async waiting(tx: Tx, id: string, limit: number): Promise<PurgeTarget[]> {
    const rows = await tx.query<{ id: string; ref: string; owner: string; institution_id: string; model_id: string }>(
      `select v.id, m.namespace || '/' || m.slug || '@' || v.number as ref, i.slug as owner, v.institution_id, v.model_id
       from clean_up_items t join versions v on v.id = t.version_id join models m on m.id = v.model_id
         join institutions i on i.id = v.institution_id
       where t.clean_up_id = $1 and t.outcome = 'waiting' order by t.n limit $2`,
      [id, limit],
    );
    return rows.map((row) => ({
      kind: "version",
      id: row.id,
      ref: row.ref,
      owner: row.owner,
      institutionId: row.institution_id,
      modelId: row.model_id,
    }));
  }

  async settle(
    tx: Tx,
    id: string,
    versionId: string,
    item: { readonly outcome: "purged" | "kept"; readonly codes: readonly string[]; readonly sizeBytes: number },
  ): Promise<void> {
    await tx.query("update clean_up_items set outcome = $3, codes = $4, size_bytes = $5 where clean_up_id = $1 and version_id = $2", [
      id,
      versionId,
      item.outcome,
      item.codes,
      item.sizeBytes,
    ]);
  }

  async keepRest(tx: Tx, id: string, code: string): Promise<void> {
    await tx.query("update clean_up_items set outcome = 'kept', codes = array[$2::text] where clean_up_id = $1 and outcome = 'waiting'", [
      id,
      code,
    ]);
  }

  /** Says when the row wants attention again; null ends it. */
  async advance(tx: Tx, id: string, leaseSeconds: number | null): Promise<void> {
    await tx.query(
      `update clean_ups set due_at = case when $2::int is null then null else now() + make_interval(secs => $2) end,
         state = case when $2::int is null then 'done' else state end,
         finished_at = case when $2::int is null then coalesce(finished_at, clock_timestamp()) end where id = $1`,
      [id, leaseSeconds],
    );
  }

  /** One page of what it took or was to take, in its order. */
  items(tx: Tx, id: string, after: number | null, limit: number): Promise<(CleanUpItem & { readonly n: number })[]> {
    return tx.query(
      `select t.n, m.namespace || '/' || m.slug || '@' || v.number as ref, i.slug as owner, t.outcome, t.codes
       from clean_up_items t join versions v on v.id = t.version_id join models m on m.id = v.model_id
         join institutions i on i.id = v.institution_id
       where t.clean_up_id = $1 and ($2::int is null or t.n > $2) order by t.n limit $3`,
      [id, after, limit],
    );
  }
}

function cleanUpOf(row: CleanUpRow): CleanUp {
  return {
    id: CleanUpId.parse(row.id),
    rule: row.rule,
    revision: row.revision,
    state: row.state,
    reason: row.reason,
    requestedBy: row.requested_by_name,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    expected: row.expected,
    purged: row.purged,
    kept: row.kept,
    sizeBytes: Number(row.size_bytes),
  };
}
