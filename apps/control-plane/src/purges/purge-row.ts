import { PurgeId, type Tombstone } from "@ziggurat/contracts";

/** A tombstone with the names behind its ids. Big integers arrive as text. */
export interface TombstoneRow {
  readonly id: string;
  readonly owner: string;
  readonly kind: "version" | "dataset";
  readonly subject: string;
  readonly reason: string;
  readonly purged_by_name: string;
  readonly purged_at: Date;
  readonly files: number;
  readonly size_bytes: string;
}

/** Those whose version or dataset version the viewer sees. */
export const SELECT_TOMBSTONE = `
  select t.id, i.slug as owner, case when t.version_id is null then 'dataset' else 'version' end as kind,
    coalesce(m.namespace || '/' || m.slug || '@' || v.number, d.namespace || '/' || d.slug || '@' || dv.number) as subject,
    t.reason, t.purged_by_name, t.purged_at, t.files, t.size_bytes
  from tombstones t join institutions i on i.id = t.institution_id
    left join versions v on v.id = t.version_id left join models m on m.id = v.model_id
    left join dataset_versions dv on dv.id = t.dataset_version_id left join datasets d on d.id = dv.dataset_id
  where (v.id is not null or dv.id is not null)`;

/** A tombstone as the contract shows it. */
export function tombstoneOf(row: TombstoneRow): Tombstone {
  return {
    id: PurgeId.parse(row.id),
    subject: { kind: row.kind, ref: row.subject },
    owner: row.owner,
    at: row.purged_at.toISOString(),
    by: row.purged_by_name,
    reason: row.reason,
    files: row.files,
    sizeBytes: Number(row.size_bytes),
  };
}

/** What is to be purged: exactly one version or dataset version. */
export interface PurgeTarget {
  readonly kind: "version" | "dataset";
  readonly ref: string;
  readonly id: string;
  readonly institutionId: string;
  readonly owner: string;
  /** Of a version. */
  readonly modelId: string | null;
}
