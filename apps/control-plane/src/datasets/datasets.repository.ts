import { Injectable } from "@nestjs/common";
import type { CreateDataset, ListDatasets } from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import type { CheckedRows } from "./check-rows.js";
import type { DatasetRow, DatasetVersionRow } from "./dataset-row.js";

const DATASET = `
  select d.id, d.institution_id, i.slug as owner, d.namespace, d.slug, d.name, d.format, d.licence, d.legal_basis, d.sensitivity,
    d.languages, d.description, d.created_at, d.next_version - 1 as versions
  from datasets d join institutions i on i.id = d.institution_id`;

const VERSION = `
  select v.id, v.institution_id, i.slug as owner, d.namespace, d.slug, d.format, v.number, v.sha256, v.size_bytes, v.rows, v.characters,
    v.notes, v.created_by, v.created_at
  from dataset_versions v join datasets d on d.id = v.dataset_id join institutions i on i.id = v.institution_id`;

/** Model versions named beside a dataset version at most. */
const MOST_TRAINED = 1000;

@Injectable()
export class DatasetsRepository {
  async find(tx: Tx, namespace: string, slug: string): Promise<DatasetRow | null> {
    const [row] = await tx.query<DatasetRow>(`${DATASET} where d.namespace = $1 and d.slug = $2`, [namespace, slug]);
    return row ?? null;
  }

  list(tx: Tx, query: ListDatasets, before: string | null): Promise<DatasetRow[]> {
    return tx.query<DatasetRow>(`${DATASET} where ${FILTER} and ($4::text is null or d.id < $4) order by d.id desc limit $5`, [
      ...filters(query),
      before,
      query.limit + 1,
    ]);
  }

  async count(tx: Tx, query: ListDatasets): Promise<number> {
    const [row] = await tx.query<{ total: number }>(`select count(*)::int as total from datasets d where ${FILTER}`, filters(query));
    return row?.total ?? 0;
  }

  /** @returns whether the name was free */
  async insert(tx: Tx, request: CreateDataset, institutionId: string): Promise<boolean> {
    const rows = await tx.query(
      `insert into datasets (id, institution_id, namespace, slug, name, format, licence, legal_basis, sensitivity, languages, description, created_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (namespace, slug) do nothing returning id`,
      [
        newId("dataset"),
        institutionId,
        request.namespace,
        request.slug,
        request.name,
        request.format,
        request.licence,
        request.legalBasis,
        request.sensitivity,
        request.languages,
        request.description,
        tx.viewer.userId,
      ],
    );
    return rows.length === 1;
  }

  async findVersion(tx: Tx, namespace: string, slug: string, number: number): Promise<DatasetVersionRow | null> {
    const [row] = await tx.query<DatasetVersionRow>(`${VERSION} where d.namespace = $1 and d.slug = $2 and v.number = $3`, [
      namespace,
      slug,
      number,
    ]);
    return row ?? null;
  }

  listVersions(tx: Tx, datasetId: string, before: number | null, limit: number): Promise<DatasetVersionRow[]> {
    return tx.query<DatasetVersionRow>(
      `${VERSION} where v.dataset_id = $1 and ($2::int is null or v.number < $2) order by v.number desc limit $3`,
      [datasetId, before, limit],
    );
  }

  /** Takes the next number; two takers wait for one another. */
  async takeNumber(tx: Tx, datasetId: string): Promise<number> {
    const [row] = await tx.query<{ number: number }>(
      "update datasets set next_version = next_version + 1, updated_at = now() where id = $1 returning next_version - 1 as number",
      [datasetId],
    );
    if (row === undefined) throw new Error(`Dataset ${datasetId} cannot take a version here.`);
    return row.number;
  }

  /** Number of the version with these very bytes. */
  async numberOf(tx: Tx, datasetId: string, sha256: string): Promise<number | null> {
    const [row] = await tx.query<{ number: number }>(
      "select number from dataset_versions where dataset_id = $1 and stored_sha256 = $2 limit 1",
      [datasetId, sha256],
    );
    return row?.number ?? null;
  }

  async insertVersion(
    tx: Tx,
    dataset: Pick<DatasetRow, "id" | "institution_id">,
    version: {
      readonly number: number;
      readonly sha256: string;
      readonly sizeBytes: number;
      readonly notes: string;
      readonly checked: CheckedRows;
    },
  ): Promise<void> {
    await tx.query(
      `insert into dataset_versions (id, institution_id, dataset_id, number, sha256, size_bytes, rows, characters, notes, created_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        newId("datasetVersion"),
        dataset.institution_id,
        dataset.id,
        version.number,
        version.sha256,
        version.sizeBytes,
        version.checked.rows,
        version.checked.characters,
        version.notes,
        tx.viewer.name,
      ],
    );
  }

  /** Model versions trained with these, as far as the viewer sees them; the newest first. */
  trained(tx: Tx, ids: readonly string[]): Promise<{ readonly dataset_version_id: string; readonly ref: string }[]> {
    return tx.query(
      `select u.dataset_version_id, m.namespace || '/' || m.slug || '@' || v.number as ref
       from dataset_uses u join versions v on v.id = u.version_id join models m on m.id = v.model_id
       where u.dataset_version_id = any($1) order by u.created_at desc, v.id desc limit $2`,
      [ids, MOST_TRAINED],
    );
  }
}

const FILTER = `($1::text is null or d.namespace = $1) and ($2::text is null or d.format = $2)
  and ($3::text is null or d.name ilike $3 or d.namespace || '/' || d.slug ilike $3)`;

function filters(query: ListDatasets): unknown[] {
  const like = query.q === undefined ? null : `%${query.q.replace(/[\\%_]/g, "\\$&")}%`;
  return [query["filter[namespace]"] ?? null, query["filter[format]"] ?? null, like];
}
