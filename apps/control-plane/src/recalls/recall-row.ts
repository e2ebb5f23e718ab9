import type { RecalledVersion, RecallState, Tier, VersionState } from "@ziggurat/contracts";
import { PLATFORM_ID } from "../platform/database/ids.js";
import type { WorkKind } from "../separation/contributions.repository.js";

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

/** What a recall withdrew, as separation of duties looks for it: whoever made it does not bring it back into use. */
export function workOf({ version_id: version, dataset_version_id: dataset }: RecallRow): [WorkKind, string] {
  return version === null ? ["thing", dataset ?? ""] : ["version", version];
}

/** The tier whose policy says who may recall, and who may lift. */
export function tierOf({ tier, institution_id: institutionId }: Pick<RecallRow, "tier" | "institution_id">): Tier {
  return tier ?? tierOfData(institutionId);
}

/** Who may withdraw data is who may withdraw models of its owner's tier. */
export function tierOfData(institutionId: string): Tier {
  return institutionId === PLATFORM_ID ? "finance" : "institution";
}

export function named({ ref, tier, owner, state }: ReachedVersion): RecalledVersion {
  return { ref, tier, owner, state };
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
