import type { RecallState, Tier, VersionState } from "@ziggurat/contracts";

/** A recall with the names behind its ids. Big integers arrive as text. */
export interface RecallRow {
  readonly id: string;
  readonly institution_id: string;
  readonly owner: string;
  readonly version_id: string | null;
  readonly dataset_version_id: string | null;
  readonly subject: string;
  /** Tier of the version; null for a dataset version. */
  readonly tier: Tier | null;
  readonly state: RecallState;
  readonly reason: string;
  readonly expected: number;
  readonly acknowledge_by: Date;
  readonly created_by: string;
  readonly created_at: Date;
  readonly cursor_line: string | null;
  readonly cursor_seq: number | null;
  readonly jobs_cancelled: number;
  readonly jobs_flagged: number;
  readonly lifted_at: Date | null;
  readonly lifted_by: string | null;
  readonly lift_reason: string | null;
}

export const SELECT_RECALL = `
  select r.*, i.slug as owner, v.tier,
    coalesce(m.namespace || '/' || m.slug || '@' || v.number, d.namespace || '/' || d.slug || '@' || dv.number) as subject
  from recalls r join institutions i on i.id = r.institution_id
    left join versions v on v.id = r.version_id left join models m on m.id = v.model_id
    left join dataset_versions dv on dv.id = r.dataset_version_id left join datasets d on d.id = dv.dataset_id`;

/** What a recall starts from: exactly one of the two. */
export interface Subject {
  readonly versionId: string | null;
  readonly datasetVersionId: string | null;
}

/** A version in reach of a recall, with its place on its line. */
export interface ReachedVersion {
  readonly id: string;
  readonly institution_id: string;
  readonly ref: string;
  readonly tier: Tier;
  readonly owner: string;
  readonly state: VersionState;
  readonly line_id: string;
  readonly line_seq: number;
}
