import { Injectable } from "@nestjs/common";
import type {
  ArtifactKind,
  DataFormat,
  LegalBasis,
  Relation,
  Seal,
  Sensitivity,
  Tier,
  VersionFile,
  VersionState,
} from "@ziggurat/contracts";
import type { Tx } from "../../platform/database/unit-of-work.js";

export interface AncestryRow {
  readonly id: string;
  readonly ref: string;
  readonly model: string;
  readonly number: number;
  readonly name: string;
  readonly tier: Tier;
  readonly institution_id: string;
  readonly owner: string;
  readonly owner_name: string;
  readonly state: VersionState;
  readonly artifact_kind: ArtifactKind;
  readonly root_digest: string | null;
  readonly size_bytes: string;
  readonly parameters: string | null;
  readonly licence: string | null;
  readonly scenario: string | null;
  readonly card: unknown;
  readonly effective_terms: unknown;
  readonly job_id: string | null;
  readonly method: string | null;
  readonly sealed_at: Date | null;
  readonly released_at: Date | null;
}
export interface DerivationRow {
  readonly child: string;
  readonly parent: string;
  readonly relation: Relation;
  readonly seal: Seal;
  readonly job_id: string | null;
  readonly parent_digest: string | null;
}
export interface DatasetRow {
  readonly id: string;
  readonly ref: string;
  readonly name: string;
  readonly owner: string;
  readonly owner_name: string;
  readonly format: DataFormat;
  readonly licence: string;
  readonly legal_basis: LegalBasis;
  readonly sensitivity: Sensitivity;
  readonly sha256: string;
  readonly size_bytes: string;
  readonly rows: number;
}
export interface JobRow {
  readonly id: string;
  readonly kind: string;
  readonly method: string;
  readonly owner: string;
  readonly hyperparameters: Record<string, unknown>;
  readonly seed: number;
  readonly reason: string;
  readonly requested_by: string;
  readonly requested_by_name: string;
  readonly cluster: string | null;
  readonly driver: string | null;
  readonly attempt: string | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
}
export interface EvaluationRow {
  readonly id: string;
  readonly version: string;
  readonly dataset_version_id: string;
  readonly dataset: string;
  readonly job_id: string;
  readonly owner: string;
  readonly root_digest: string;
  readonly rows: number;
  readonly exact_match: number | null;
  readonly perplexity: number | null;
  readonly items_sha256: string;
  readonly created_at: Date;
}

/** Reads what exports tell, as far as row-level security shows it to the viewer. Every list has a fixed order. */
@Injectable()
export class ProvenanceRepository {
  /** A version and everything it was made from, what it was made from first. */
  ancestry(tx: Tx, namespace: string, slug: string, number: number): Promise<AncestryRow[]> {
    return tx.query<AncestryRow>(
      `with recursive up (id, hops) as (
         select v.id, 0 from versions v join models m on m.id = v.model_id where m.namespace = $1 and m.slug = $2 and v.number = $3
         union select e.parent_id, up.hops + 1 from up join edges e on e.child_id = up.id),
       distance as (select id, max(hops) as hops from up group by id)
       select * from (
         select v.id, m.namespace || '/' || m.slug || '@' || v.number as ref, m.namespace || '/' || m.slug as model, v.number, m.name, v.tier,
         v.institution_id, i.slug as owner, i.name as owner_name, v.state, v.artifact_kind, v.root_digest, v.size_bytes, v.parameters,
         m.licence, m.scenario, m.card, v.effective_terms, v.job_id, v.method, v.sealed_at, v.released_at, d.hops
       from distance d join versions v on v.id = d.id join models m on m.id = v.model_id join institutions i on i.id = v.institution_id) found
       order by hops desc, ref collate "C"`,
      [namespace, slug, number],
    );
  }

  async files(tx: Tx, ids: readonly string[]): Promise<Map<string, VersionFile[]>> {
    const rows = await tx.query<{ version_id: string; path: string; sha256: string; size_bytes: string; kind: VersionFile["kind"] }>(
      `select version_id, path, sha256, size_bytes, kind from (select version_id, path, sha256, size_bytes, kind from version_files
         union all select version_id, path, sha256, size_bytes, kind from purged_files) listed
       where version_id = any($1) order by version_id, path collate "C"`,
      [ids],
    );
    const files = new Map<string, VersionFile[]>(ids.map((id) => [id, []]));
    for (const { version_id, path, sha256, size_bytes, kind } of rows) {
      files.get(version_id)?.push({ path, sha256, sizeBytes: Number(size_bytes), kind });
    }
    return files;
  }

  derivations(tx: Tx, ids: readonly string[]): Promise<DerivationRow[]> {
    return tx.query<DerivationRow>(
      `select * from (
         select cm.namespace || '/' || cm.slug || '@' || c.number as child, pm.namespace || '/' || pm.slug || '@' || p.number as parent,
         e.relation, e.seal, e.job_id, e.parent_digest
       from edges e join versions c on c.id = e.child_id join models cm on cm.id = c.model_id
         join versions p on p.id = e.parent_id join models pm on pm.id = p.model_id
       where e.child_id = any($1) and e.parent_id = any($1)) found
       order by child collate "C", parent collate "C", relation`,
      [ids],
    );
  }

  uses(
    tx: Tx,
    ids: readonly string[],
  ): Promise<{ readonly version: string; readonly dataset_version_id: string; readonly dataset: string }[]> {
    return tx.query(
      `select * from (
         select m.namespace || '/' || m.slug || '@' || v.number as version, u.dataset_version_id,
         d.namespace || '/' || d.slug || '@' || dv.number as dataset
       from dataset_uses u join versions v on v.id = u.version_id join models m on m.id = v.model_id
         join dataset_versions dv on dv.id = u.dataset_version_id join datasets d on d.id = dv.dataset_id
       where u.version_id = any($1)) found
       order by version collate "C", dataset collate "C"`,
      [ids],
    );
  }

  datasets(tx: Tx, ids: readonly string[]): Promise<DatasetRow[]> {
    return tx.query<DatasetRow>(
      `select * from (
         select dv.id, d.namespace || '/' || d.slug || '@' || dv.number as ref, d.name, i.slug as owner, i.name as owner_name, d.format, d.licence,
         d.legal_basis, d.sensitivity, dv.sha256, dv.size_bytes, dv.rows
       from dataset_versions dv join datasets d on d.id = dv.dataset_id join institutions i on i.id = dv.institution_id
       where dv.id = any($1)) found
       order by ref collate "C"`,
      [ids],
    );
  }

  /** Jobs with the attempt that succeeded. An institution sees its own and none of the platform's. */
  jobs(tx: Tx, ids: readonly string[]): Promise<JobRow[]> {
    return tx.query<JobRow>(
      `select j.id, j.kind, j.method, i.slug as owner, j.hyperparameters, j.seed, j.reason, j.requested_by, j.requested_by_name,
         c.name as cluster, c.driver, a.key as attempt, j.created_at, j.started_at, j.finished_at
       from jobs j join institutions i on i.id = j.institution_id
         left join attempts a on a.job_id = j.id and a.state = 'succeeded' left join clusters c on c.id = a.cluster_id
       where j.id = any($1) order by j.id`,
      [ids],
    );
  }

  approvals(
    tx: Tx,
    ids: readonly string[],
  ): Promise<{ readonly job_id: string; readonly user_id: string; readonly name: string; readonly at: Date }[]> {
    return tx.query("select job_id, user_id, name, at from job_approvals where job_id = any($1) order by job_id, at, user_id", [ids]);
  }

  /**
   * Scores of the bytes each version has. Of a shared version only its owner's and those of `owner`, whose version the document is
   * about: what a third institution measured is not told even by those who could see it.
   */
  evaluations(tx: Tx, ids: readonly string[], owner: string): Promise<EvaluationRow[]> {
    return tx.query<EvaluationRow>(
      `select e.id, m.namespace || '/' || m.slug || '@' || v.number as version, e.dataset_version_id,
         d.namespace || '/' || d.slug || '@' || dv.number as dataset, e.job_id, i.slug as owner, e.root_digest, e.rows, e.exact_match,
         e.perplexity, e.items_sha256, e.created_at
       from evaluations e join versions v on v.id = e.version_id and v.root_digest = e.root_digest join models m on m.id = v.model_id
         join institutions i on i.id = e.institution_id
         join dataset_versions dv on dv.id = e.dataset_version_id join datasets d on d.id = dv.dataset_id
       where e.version_id = any($1) and (e.institution_id = v.institution_id or e.institution_id = $2) order by e.id`,
      [ids, owner],
    );
  }
}
