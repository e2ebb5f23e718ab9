import { Injectable } from "@nestjs/common";
import { Evaluation, type ListEvaluations } from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";

export interface NewEvaluation {
  readonly institutionId: string;
  readonly versionId: string;
  readonly datasetVersionId: string;
  readonly jobId: string;
  readonly format: string;
  readonly rootDigest: string;
  readonly rows: number;
  readonly exactMatch: number | null;
  readonly perplexity: number | null;
  readonly itemsSha256: string;
}
export interface EvaluationRow {
  readonly id: string;
  readonly institution_id: string;
  readonly owner: string;
  readonly version: string;
  readonly dataset: string;
  readonly job_id: string;
  readonly format: string;
  readonly root_digest: string;
  readonly rows: number;
  readonly exact_match: number | null;
  readonly perplexity: number | null;
  readonly items_sha256: string;
  readonly created_at: Date;
}

const SELECT = `
  select e.*, i.slug as owner, m.namespace || '/' || m.slug || '@' || v.number as version,
    d.namespace || '/' || d.slug || '@' || dv.number as dataset
  from evaluations e join institutions i on i.id = e.institution_id
  join versions v on v.id = e.version_id join models m on m.id = v.model_id
  join dataset_versions dv on dv.id = e.dataset_version_id join datasets d on d.id = dv.dataset_id`;

const FILTER = `($1::text is null or m.namespace || '/' || m.slug || '@' || v.number = $1)
  and ($2::text is null or d.namespace || '/' || d.slug || '@' || dv.number = $2) and ($3::text is null or e.job_id = $3)`;

@Injectable()
export class EvaluationsRepository {
  async find(tx: Tx, id: string): Promise<EvaluationRow | null> {
    const [row] = await tx.query<EvaluationRow>(`${SELECT} where e.id = $1`, [id]);
    return row ?? null;
  }

  list(tx: Tx, query: ListEvaluations, before: string | null): Promise<EvaluationRow[]> {
    return tx.query<EvaluationRow>(`${SELECT} where ${FILTER} and ($4::text is null or e.id < $4) order by e.id desc limit $5`, [
      ...filters(query),
      before,
      query.limit + 1,
    ]);
  }

  async count(tx: Tx, query: ListEvaluations): Promise<number> {
    const [row] = await tx.query<{ total: number }>(`select count(*)::int as total from (${SELECT} where ${FILTER}) found`, filters(query));
    return row?.total ?? 0;
  }

  /** Once per job and dataset version: a repeated commit adds nothing. */
  async insert(tx: Tx, evaluation: NewEvaluation): Promise<void> {
    await tx.query(
      `insert into evaluations (id, institution_id, version_id, dataset_version_id, job_id, format, root_digest, rows, exact_match, perplexity, items_sha256)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (job_id, dataset_version_id) do nothing`,
      [
        newId("evaluation"),
        evaluation.institutionId,
        evaluation.versionId,
        evaluation.datasetVersionId,
        evaluation.jobId,
        evaluation.format,
        evaluation.rootDigest,
        evaluation.rows,
        evaluation.exactMatch,
        evaluation.perplexity,
        evaluation.itemsSha256,
      ],
    );
  }
}

export function evaluationOf(row: EvaluationRow): Evaluation {
  return Evaluation.parse({
    id: row.id,
    version: row.version,
    dataset: row.dataset,
    format: row.format,
    job: row.job_id,
    owner: row.owner,
    rootDigest: row.root_digest,
    rows: row.rows,
    exactMatch: row.exact_match,
    perplexity: row.perplexity,
    createdAt: row.created_at.toISOString(),
  });
}

function filters(query: ListEvaluations): unknown[] {
  return [query["filter[version]"] ?? null, query["filter[dataset]"] ?? null, query["filter[job]"] ?? null];
}
