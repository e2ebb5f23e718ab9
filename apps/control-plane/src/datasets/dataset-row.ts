import {
  type DataFormat,
  type Dataset,
  type DatasetVersion,
  idOf,
  LegalBasis,
  type Purged,
  Sensitivity,
  versionRef,
} from "@ziggurat/contracts";

const DatasetId = idOf("dataset");
const DatasetVersionId = idOf("datasetVersion");

export interface DatasetRow {
  readonly id: string;
  readonly institution_id: string;
  readonly owner: string;
  readonly namespace: string;
  readonly slug: string;
  readonly name: string;
  readonly format: DataFormat;
  readonly licence: string;
  readonly legal_basis: string;
  readonly sensitivity: string;
  readonly languages: string[];
  readonly description: string;
  readonly created_at: Date;
  readonly versions: number;
}
export interface DatasetVersionRow {
  readonly id: string;
  readonly institution_id: string;
  readonly owner: string;
  readonly namespace: string;
  readonly slug: string;
  readonly format: DataFormat;
  readonly number: number;
  readonly sha256: string;
  readonly size_bytes: string;
  readonly rows: number;
  readonly characters: string;
  readonly notes: string;
  readonly created_by: string;
  readonly created_at: Date;
}

/** Dataset versions that a legal hold keeps, and those whose rows were dropped. */
export interface Kept {
  readonly held: ReadonlySet<string>;
  readonly purged: ReadonlyMap<string, Purged>;
}

export function datasetOf(row: DatasetRow): Dataset {
  return {
    id: DatasetId.parse(row.id),
    ref: `${row.namespace}/${row.slug}`,
    namespace: row.namespace,
    slug: row.slug,
    name: row.name,
    format: row.format,
    licence: row.licence,
    legalBasis: LegalBasis.parse(row.legal_basis),
    sensitivity: Sensitivity.parse(row.sensitivity),
    languages: row.languages,
    description: row.description,
    owner: row.owner,
    versions: row.versions,
    latest: row.versions === 0 ? null : versionRef(row.namespace, row.slug, row.versions),
    createdAt: row.created_at.toISOString(),
  };
}

export function datasetVersionOf(row: DatasetVersionRow, trained: readonly string[], kept: Kept): DatasetVersion {
  return {
    id: DatasetVersionId.parse(row.id),
    ref: versionRef(row.namespace, row.slug, row.number),
    dataset: `${row.namespace}/${row.slug}`,
    number: row.number,
    format: row.format,
    owner: row.owner,
    sha256: row.sha256,
    sizeBytes: Number(row.size_bytes),
    rows: row.rows,
    characters: Number(row.characters),
    notes: row.notes,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    trained: [...trained],
    isHeld: kept.held.has(row.id),
    purged: kept.purged.get(row.id) ?? null,
  };
}
