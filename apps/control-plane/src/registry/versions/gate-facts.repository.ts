import { Injectable } from "@nestjs/common";
import type { RemoteCode, VersionState } from "@ziggurat/contracts";
import type { GateFacts, Score } from "@ziggurat/pyramid";
import type { Tx } from "../../platform/database/unit-of-work.js";

/** A version whose gates are asked for, with the version it has to beat. */
interface SubjectRow {
  readonly id: string;
  readonly licence: string | null;
  readonly evaluation_failed: boolean;
  readonly ordered: string[];
  readonly trained_on: string[];
  readonly reference_id: string | null;
  readonly reference: string | null;
  readonly remote_code: RemoteCode[];
}
interface ScoreRow {
  readonly version_id: string;
  readonly dataset: string;
  readonly sha256: string;
  readonly exact_match: number | null;
  readonly perplexity: number | null;
}

/**
 * What gates look at, for many versions at once. Merging and quantising stay inside a model, so the version to beat is what the
 * merged adapter was tuned on, and the data it learnt from counts as the merged version's own.
 */
const SUBJECTS = `
  with recursive inside (start, id) as (
    select id, id from unnest($1::text[]) as asked (id)
    union
    select c.start, p.id from inside c
      join edges e on e.child_id = c.id and e.relation in ('merged_from', 'quantized_from')
      join versions child on child.id = e.child_id join versions p on p.id = e.parent_id and p.model_id = child.model_id),
  base as (
    select distinct on (c.start) c.start, e.parent_id from inside c
      join edges e on e.child_id = c.id
      join versions child on child.id = e.child_id join versions p on p.id = e.parent_id
    where e.relation not in ('merged_from', 'quantized_from') or p.model_id <> child.model_id
    order by c.start, e.created_at, e.parent_id)
  select v.id, m.licence, coalesce(j.evaluation_failed, false) as evaluation_failed, base.parent_id as reference_id,
    bm.namespace || '/' || bm.slug || '@' || b.number as reference,
    array(select distinct dv.sha256 from inside c join dataset_uses u on u.version_id = c.id
      join dataset_versions dv on dv.id = u.dataset_version_id where c.start = v.id) as trained_on,
    array(select d.namespace || '/' || d.slug || '@' || dv.number from job_datasets jd
      join dataset_versions dv on dv.id = jd.dataset_version_id join datasets d on d.id = dv.dataset_id
      where jd.job_id = v.job_id and jd.role = 'evaluate' order by jd.position) as ordered,
    -- Of a version sealed before there were inspections, the names of its files are known and no more.
    coalesce(v.inspection -> 'remoteCode', (select jsonb_agg(jsonb_build_object('path', f.path, 'detail', 'code that a loader may import'))
      from version_files f where f.version_id = v.id and f.path ~* '\\.py$'), '[]') as remote_code
  from versions v join models m on m.id = v.model_id
  left join jobs j on j.id = v.job_id left join base on base.start = v.id
  left join versions b on b.id = base.parent_id left join models bm on bm.id = b.model_id
  where v.id = any($1)`;

/** The newest score of each version on each dataset version, and only of the bytes the version has. */
const SCORES = `
  select distinct on (e.version_id, e.dataset_version_id) e.version_id, d.namespace || '/' || d.slug || '@' || dv.number as dataset,
    dv.sha256, e.exact_match, e.perplexity
  from evaluations e join versions v on v.id = e.version_id and v.root_digest = e.root_digest
  join dataset_versions dv on dv.id = e.dataset_version_id join datasets d on d.id = dv.dataset_id
  where e.version_id = any($1)
  order by e.version_id, e.dataset_version_id, e.created_at desc, e.id desc`;

const WITHDRAWN = `
  with recursive above (start, id) as (
    select child_id, parent_id from edges where child_id = any($1)
    union select a.start, e.parent_id from above a join edges e on e.child_id = a.id)
  select a.start, m.namespace || '/' || m.slug || '@' || v.number as ref, v.state
  from above a join versions v on v.id = a.id join models m on m.id = v.model_id where v.state in ('quarantined', 'recalled')`;

@Injectable()
export class GateFactsRepository {
  async of(tx: Tx, ids: readonly string[]): Promise<Map<string, GateFacts>> {
    if (ids.length === 0) return new Map();
    const [subjects, withdrawn] = await Promise.all([
      tx.query<SubjectRow>(SUBJECTS, [ids]),
      tx.query<{ start: string; ref: string; state: VersionState }>(WITHDRAWN, [ids]),
    ]);
    const references = subjects.flatMap(({ reference_id }) => reference_id ?? []);
    const scores = await tx.query<ScoreRow>(SCORES, [[...new Set([...ids, ...references])]]);
    const scoresOf = (id: string): Score[] => scores.filter((row) => row.version_id === id).map(scoreOf);
    return new Map(
      subjects.map((row): [string, GateFacts] => [
        row.id,
        {
          licence: row.licence,
          scores: scoresOf(row.id),
          reference:
            row.reference_id === null || row.reference === null ? null : { ref: row.reference, scores: scoresOf(row.reference_id) },
          trainedOn: row.trained_on,
          ordered: row.ordered,
          evaluationFailed: row.evaluation_failed,
          remoteCode: row.remote_code,
          withdrawnAncestors: withdrawn.filter(({ start }) => start === row.id).map(({ ref, state }) => ({ ref, state })),
        },
      ]),
    );
  }

  /** Everything a version stands on, however far up. */
  async ancestors(tx: Tx, id: string): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `with recursive above (id) as (
         select parent_id from edges where child_id = $1
         union select e.parent_id from above a join edges e on e.child_id = a.id)
       select id from above order by id`,
      [id],
    );
    return rows.map((row) => row.id);
  }
}

function scoreOf(row: ScoreRow): Score {
  return { dataset: row.dataset, datasetSha256: row.sha256, exactMatch: row.exact_match, perplexity: row.perplexity };
}
