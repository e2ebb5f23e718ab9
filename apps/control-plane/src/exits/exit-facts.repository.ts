import { Injectable } from "@nestjs/common";
import { type ExitPreview, READ_ACTIONS } from "@ziggurat/contracts";
import type { ExitFacts } from "@ziggurat/institution";
import { firstIdAt } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";

/** No transaction takes as long: whatever the log noted earlier is committed, or never will be. */
const LONGEST_TRANSACTION_MS = 3_600_000;

/** Entries of the log that say of no change to what an export holds: reads, signing in, and the exit itself. */
const NO_CHANGE = String.raw`e.action = any($2) or e.action ~ '^(exit|session|token|second_factor|passkey|identity|password|audit|evidence|notice)\.|^institution\.export|\.refused$|^(version\.verify|quota\.warn|statement\.export)$'`;

/** What is there of an institution, and what stands in the way of its going. Asked past the policies: it names nothing of others. */
@Injectable()
export class ExitFactsRepository {
  async read(tx: Tx, institutionId: string): Promise<ExitFacts> {
    const ids = async (sql: string): Promise<string[]> => (await tx.query<{ id: string }>(sql, [institutionId])).map(({ id }) => id);
    const newest = await this.newestExport(tx, institutionId);
    return {
      holds: await ids(
        "select id from legal_holds where lifted_at is null and (institution_id = $1 or held_institution_id = $1) order by id",
      ),
      jobs: await ids("select id from jobs where institution_id = $1 and finished_at is null order by id"),
      imports: await ids("select id from imports where institution_id = $1 and state in ('resolving', 'transferring') order by id"),
      recalls: await ids(
        `select r.id from recalls r where r.state not in ('in_force', 'lifted')
           and (r.institution_id = $1 or exists (select from recall_items t where t.recall_id = r.id and t.institution_id = $1)) order by r.id`,
      ),
      proposals: await ids("select id from alias_proposals where institution_id = $1 and state = 'pending' order by id"),
      export: {
        asOf: newest?.as_of ?? null,
        changesSince: newest === null ? 0 : (await this.changes(tx, institutionId, newest.as_of)) - newest.changes,
      },
    };
  }

  /**
   * How many changes of the institution's things the log knows from a while before this moment on. It only grows, so two counts tell whether
   * there was one between them, although an entry is dated before it is committed.
   */
  async changes(tx: Tx, institutionId: string, asOf: Date): Promise<number> {
    const [row] = await tx.query<{ n: number }>(
      `select count(*)::int as n from audit_entries e where e.institution_id = $1 and e.id >= $3 and not (${NO_CHANGE})`,
      [institutionId, READ_ACTIONS, firstIdAt("audit", asOf.getTime() - LONGEST_TRANSACTION_MS)],
    );
    return row?.n ?? 0;
  }

  async newestExport(
    tx: Tx,
    institutionId: string,
  ): Promise<{ readonly id: string; readonly as_of: Date; readonly changes: number } | null> {
    const [row] = await tx.query<{ id: string; as_of: Date; changes: number }>(
      "select id, as_of, changes from institution_exports where institution_id = $1 and state = 'done' order by id desc limit 1",
      [institutionId],
    );
    return row ?? null;
  }

  async amounts(tx: Tx, institutionId: string): Promise<Pick<ExitPreview, "goes" | "stays">> {
    const [row] = await tx.query<
      Record<
        "members" | "models" | "versions" | "datasets" | "dataset_versions" | "jobs" | "evaluations" | "files" | "edges" | "entries",
        number
      > & { bytes: string }
    >(
      `with held as (${HELD_DIGESTS})
       select (select count(*)::int from users where institution_id = $1 and removed_at is null) as members,
         (select count(*)::int from models where institution_id = $1) as models,
         (select count(*)::int from versions where institution_id = $1) as versions,
         (select count(*)::int from datasets where institution_id = $1) as datasets,
         (select count(*)::int from dataset_versions where institution_id = $1) as dataset_versions,
         (select count(*)::int from jobs where institution_id = $1) as jobs,
         (select count(*)::int from evaluations where institution_id = $1) as evaluations,
         (select count(*)::int from edges where institution_id = $1) as edges,
         (select count(*)::int from audit_entries where institution_id = $1) as entries,
         count(b.sha256)::int as files, coalesce(sum(b.size_bytes), 0)::bigint as bytes
       from held h join blobs b on b.sha256 = h.sha256`,
      [institutionId],
    );
    if (row === undefined) throw new Error("Nothing was counted.");
    const { members, models, versions, datasets, jobs, evaluations, files, edges } = row;
    return {
      goes: { members, models, versions, datasets, jobs, evaluations, files, bytes: Number(row.bytes) },
      stays: { versions, datasetVersions: row.dataset_versions, edges, auditEntries: row.entries },
    };
  }
}

/** Digests of everything that institution `$1` has in the store. */
export const HELD_DIGESTS = `
  select sha256 from version_files where institution_id = $1
  union select stored_sha256 from dataset_versions where institution_id = $1 and stored_sha256 is not null
  union select items_sha256 from evaluations where institution_id = $1
  union select stored_sha256 from import_files where institution_id = $1 and stored_sha256 is not null
  union select sha256 from blob_grants where institution_id = $1`;
