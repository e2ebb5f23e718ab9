import { type ArtifactKind, type Relation, type Seal, Terms, type Tier, type VersionState, versionRef } from "@ziggurat/contracts";
import type { Entitled, Release } from "@ziggurat/pyramid";

/** A version with its model's and owner's names. */
export interface VersionRow {
  readonly id: string;
  readonly institution_id: string;
  readonly owner: string;
  readonly model_id: string;
  readonly namespace: string;
  readonly slug: string;
  readonly number: number;
  readonly tier: Tier;
  readonly state: VersionState;
  /** Whether its files were dropped for good; of an adapter, `is_base_purged` says it of what it was tuned on. */
  readonly is_purged: boolean;
  readonly is_base_purged: boolean;
  readonly artifact_kind: ArtifactKind;
  readonly root_digest: string | null;
  readonly size_bytes: string;
  readonly file_count: number;
  readonly parameters: string | null;
  readonly notes: string;
  readonly card: unknown;
  readonly licence: string | null;
  readonly effective_terms: unknown;
  readonly job_id: string | null;
  readonly method: string | null;
  readonly created_by: string;
  readonly created_at: Date;
  readonly sealed_at: Date | null;
  readonly released_at: Date | null;
  /** What the viewer's institution may do with it; null where nothing has to be granted. */
  readonly entitled: Entitled | null;
}

export interface ParentRow {
  readonly child_id: string;
  readonly parent_id: string;
  readonly ref: string;
  readonly relation: Relation;
  readonly seal: Seal;
  readonly parent_digest: string | null;
}

export function refOf(row: Pick<VersionRow, "namespace" | "slug" | "number">): string {
  return versionRef(row.namespace, row.slug, row.number);
}

/** A version as rules see a parent. */
export function releaseOf(row: VersionRow): Release {
  return {
    ref: refOf(row),
    model: `${row.namespace}/${row.slug}`,
    tier: row.tier,
    owner: row.owner,
    state: row.state,
    isPurged: row.is_purged || row.is_base_purged,
    artifactKind: row.artifact_kind,
    rootDigest: row.root_digest,
    parameters: row.parameters === null ? null : Number(row.parameters),
    effectiveTerms: Terms.parse(row.effective_terms),
    entitled: row.entitled,
  };
}
