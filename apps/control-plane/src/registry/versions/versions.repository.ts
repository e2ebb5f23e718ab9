import { Injectable } from "@nestjs/common";
import {
  type ArtifactKind,
  type FileKind,
  type Inspection,
  parseVersionRef,
  type Terms,
  type Tier,
  type VersionState,
} from "@ziggurat/contracts";
import { type Quarantine, WITHDRAWN_STATES } from "@ziggurat/pyramid";
import { newId } from "../../platform/database/ids.js";
import type { Tx } from "../../platform/database/unit-of-work.js";
import type { ParentRow, VersionRow } from "./version-row.js";

/** The files of versions, and of purged ones the list that was kept of them. */
export const LISTED_FILES = `(select version_id, path, sha256, size_bytes, kind from version_files
  union all select version_id, path, sha256, size_bytes, kind from purged_files)`;

const SELECT = `
  select v.id, v.institution_id, i.slug as owner, v.model_id, m.namespace, m.slug, v.number, v.tier, v.state, v.artifact_kind, v.root_digest,
    v.size_bytes, (select count(*)::int from ${LISTED_FILES} f where f.version_id = v.id) as file_count,
    exists (select 1 from tombstones t where t.version_id = v.id) as is_purged,
    v.artifact_kind = 'adapter' and exists (select 1 from edges e join tombstones t on t.version_id = e.parent_id
      where e.child_id = v.id and e.relation = 'adapter_of') as is_base_purged, v.parameters, v.notes,
    m.card, m.licence, v.effective_terms, v.job_id, v.method, v.created_by, v.created_at, v.sealed_at, v.released_at,
    case when not m.is_open and (select app_reach() = 'tenant') then app_entitlement(v.model_id, v.id) end as entitled
  from versions v join models m on m.id = v.model_id join institutions i on i.id = v.institution_id`;

export interface NewDraft {
  readonly institutionId: string;
  readonly modelId: string;
  readonly number: number;
  readonly tier: Tier;
  readonly artifactKind: ArtifactKind;
  readonly notes: string;
  readonly effectiveTerms: Terms;
  readonly files: readonly StoredFile[];
  readonly createdBy: string;
}
export interface StoredFile {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly kind: FileKind;
}

@Injectable()
export class VersionsRepository {
  async find(tx: Tx, namespace: string, slug: string, number: number): Promise<VersionRow | null> {
    const [row] = await tx.query<VersionRow>(`${SELECT} where m.namespace = $1 and m.slug = $2 and v.number = $3`, [
      namespace,
      slug,
      number,
    ]);
    return row ?? null;
  }

  async byId(tx: Tx, ids: readonly string[]): Promise<VersionRow[]> {
    return ids.length === 0 ? [] : tx.query<VersionRow>(`${SELECT} where v.id = any($1)`, [ids]);
  }

  /** The versions behind these refs, as far as the viewer sees them. */
  async byRef(tx: Tx, refs: readonly string[]): Promise<VersionRow[]> {
    if (refs.length === 0) return [];
    const parts = refs.map(parseVersionRef);
    return tx.query<VersionRow>(
      `${SELECT} join unnest($1::text[], $2::text[], $3::int[]) as wanted (namespace, slug, number)
         on wanted.namespace = m.namespace and wanted.slug = m.slug and wanted.number = v.number`,
      [parts.map(({ namespace }) => namespace), parts.map(({ slug }) => slug), parts.map(({ number }) => number)],
    );
  }

  async byJob(tx: Tx, jobId: string): Promise<VersionRow | null> {
    const [row] = await tx.query<VersionRow>(`${SELECT} where v.job_id = $1`, [jobId]);
    return row ?? null;
  }

  /** One page of a model's versions, newest first. `before` is the last number of the page before. */
  list(tx: Tx, modelId: string, before: number | null, limit: number): Promise<VersionRow[]> {
    return tx.query<VersionRow>(`${SELECT} where v.model_id = $1 and ($2::int is null or v.number < $2) order by v.number desc limit $3`, [
      modelId,
      before,
      limit,
    ]);
  }

  async insertDraft(tx: Tx, version: NewDraft): Promise<string> {
    const id = newId("version");
    const row = tx.query(
      `insert into versions (id, institution_id, model_id, number, tier, artifact_kind, notes, effective_terms, size_bytes, created_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        id,
        version.institutionId,
        version.modelId,
        version.number,
        version.tier,
        version.artifactKind,
        version.notes,
        JSON.stringify(version.effectiveTerms),
        version.files.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0),
        version.createdBy,
      ],
    );
    const files = version.files.length === 0 ? [] : [tx.query(PUT_FILES, filesAsColumns({ ...version, id }, version.files))];
    await Promise.all([row, ...files]);
    return id;
  }

  /** Waits for whoever moves this version now, and answers the state it is left in. */
  async lock(tx: Tx, id: string): Promise<VersionState | null> {
    const [row] = await tx.query<{ state: VersionState }>("select state from versions where id = $1 for update", [id]);
    return row?.state ?? null;
  }

  /** Keeps versions from moving until this transaction ends, without keeping others from deriving from them. */
  async lockParents(tx: Tx, ids: readonly string[]): Promise<void> {
    await tx.query("select 1 from versions where id = any($1) order by id for share", [ids]);
  }

  async seal(
    tx: Tx,
    id: string,
    facts: {
      readonly rootDigest: string;
      readonly parameters: number | null;
      readonly effectiveTerms: Terms;
      readonly inspection: Inspection;
      readonly reason: string;
    },
  ): Promise<void> {
    const { rootDigest, parameters, effectiveTerms, inspection, reason } = facts;
    await tx.query(
      `update versions set state = 'sealed', sealed_at = now(), updated_at = now(), root_digest = $2, parameters = $3, effective_terms = $4,
         inspection = $5
       from (select set_config('app.reason', $6, true) as reason) because
       where id = $1 and state = 'draft' and because.reason is not null`,
      [id, rootDigest, parameters, JSON.stringify(effectiveTerms), JSON.stringify(inspection), reason],
    );
  }

  /** What was found when a version was sealed; null before that, and for versions sealed before there were inspections. */
  async inspection(tx: Tx, id: string): Promise<unknown> {
    const [row] = await tx.query<{ inspection: unknown }>("select inspection from versions where id = $1", [id]);
    return row?.inspection ?? null;
  }

  /**
   * The clock is read under the lock, not at the start of the transaction, so that dates stand in the order moves were made. The
   * reason is left where the trigger that remembers every state finds it.
   */
  async move(tx: Tx, id: string, to: VersionState, reason: string): Promise<void> {
    await tx.query(
      `update versions set state = $2, updated_at = clock_timestamp(),
         released_at = case when $2 = 'released' then coalesce(released_at, clock_timestamp()) else released_at end
       from (select set_config('app.reason', $3, true) as reason) because
       where id = $1 and because.reason is not null`,
      [id, to, reason],
    );
  }

  /** Where quarantined versions came from, and whether a reading that was asked for since found all their bytes sound. */
  async quarantines(tx: Tx, rows: readonly Pick<VersionRow, "id" | "state">[]): Promise<Map<string, Quarantine>> {
    const ids = rows.filter(({ state }) => state === "quarantined").map(({ id }) => id);
    if (ids.length === 0) return new Map();
    const found = await tx.query<{ id: string; taken_from: VersionState; is_intact_since: boolean }>(
      `select q.version_id as id, q.at,
         (select s.state from version_states s where s.version_id = q.version_id and s.state <> all($2) order by s.at desc limit 1) as taken_from,
         exists (select 1 from verifications v where v.version_id = q.version_id and v.state = 'intact' and v.created_at > q.at) as is_intact_since
       from (select version_id, max(at) as at from version_states where version_id = any($1) and state = 'quarantined' group by 1) q`,
      [ids, WITHDRAWN_STATES],
    );
    return new Map(found.map((row) => [row.id, { takenFrom: row.taken_from, isIntactSince: row.is_intact_since }]));
  }

  /** Shared versions that these stand on directly, and whose lines their owner may not serve now, by version. */
  async unserved(tx: Tx, ids: readonly string[]): Promise<Map<string, string[]>> {
    const rows = await tx.query<{ child_id: string; refs: string[] }>(
      `select e.child_id, array_agg(m.namespace || '/' || m.slug || '@' || p.number order by m.namespace, m.slug, p.number) as refs
       from edges e join versions p on p.id = e.parent_id join models m on m.id = p.model_id and not m.is_open
       where e.child_id = any($1) and (select app_has_closed_lines()) and e.institution_id <> p.institution_id
         and not exists (select from entitlements x where x.institution_id = e.institution_id and x.model_id = p.model_id
           and (x.version_id is null or x.version_id = p.id) and 'serve' = any(x.rights) and entitlement_in_force(x))
       group by e.child_id`,
      [ids],
    );
    return new Map(rows.map(({ child_id, refs }) => [child_id, refs]));
  }

  files(tx: Tx, versionId: string, after: string, limit: number): Promise<StoredFile[]> {
    return tx
      .query<StoredFile & { readonly sizeBytes: string }>(
        `select path, sha256, size_bytes as "sizeBytes", kind from ${LISTED_FILES} f where version_id = $1 and path > $2 order by path limit $3`,
        [versionId, after, limit],
      )
      .then((rows) => rows.map((row) => ({ ...row, sizeBytes: Number(row.sizeBytes) })));
  }

  async file(tx: Tx, versionId: string, path: string): Promise<StoredFile | null> {
    const [row] = await tx.query<StoredFile & { readonly sizeBytes: string }>(
      `select path, sha256, size_bytes as "sizeBytes", kind from ${LISTED_FILES} f where version_id = $1 and path = $2`,
      [versionId, path],
    );
    return row === undefined ? null : { ...row, sizeBytes: Number(row.sizeBytes) };
  }

  /** Adds files to a draft; one at a path that is taken replaces what lies there. */
  async putFiles(tx: Tx, version: { readonly id: string; readonly institutionId: string }, files: readonly StoredFile[]): Promise<void> {
    await tx.query(PUT_FILES, filesAsColumns(version, files));
    await tx.query(
      `update versions set updated_at = now(), size_bytes = (select coalesce(sum(size_bytes), 0) from version_files where version_id = $1) where id = $1`,
      [version.id],
    );
  }

  parents(tx: Tx, ids: readonly string[]): Promise<ParentRow[]> {
    return tx.query<ParentRow>(
      `select e.child_id, e.parent_id, m.namespace || '/' || m.slug || '@' || p.number as ref, e.relation, e.seal, e.parent_digest
       from edges e join versions p on p.id = e.parent_id join models m on m.id = p.model_id
       where e.child_id = any($1) order by e.child_id, e.created_at, e.parent_id`,
      [ids],
    );
  }

  datasets(tx: Tx, ids: readonly string[]): Promise<{ readonly version_id: string; readonly ref: string }[]> {
    return tx.query(
      `select u.version_id, d.namespace || '/' || d.slug || '@' || dv.number as ref
       from dataset_uses u join dataset_versions dv on dv.id = u.dataset_version_id join datasets d on d.id = dv.dataset_id
       where u.version_id = any($1) order by u.version_id, d.namespace, d.slug, dv.number`,
      [ids],
    );
  }

  aliases(tx: Tx, ids: readonly string[]): Promise<{ readonly version_id: string; readonly name: string }[]> {
    return tx.query("select version_id, name from aliases where version_id = any($1) order by name", [ids]);
  }
}

const PUT_FILES = `
  insert into version_files (version_id, institution_id, path, sha256, size_bytes, kind)
  select $1, $2, * from unnest($3::text[], $4::text[], $5::bigint[], $6::text[])
  on conflict (version_id, path) do update set sha256 = excluded.sha256, size_bytes = excluded.size_bytes, kind = excluded.kind`;

function filesAsColumns(
  { id, institutionId }: { readonly id: string; readonly institutionId: string },
  files: readonly StoredFile[],
): unknown[] {
  return [
    id,
    institutionId,
    files.map(({ path }) => path),
    files.map(({ sha256 }) => sha256),
    files.map(({ sizeBytes }) => sizeBytes),
    files.map(({ kind }) => kind),
  ];
}
