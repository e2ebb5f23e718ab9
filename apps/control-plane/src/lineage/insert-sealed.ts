import type { ArtifactKind, FileKind, Inspection, Method, Relation, Terms, Tier } from "@ziggurat/contracts";
import { placeOnLine } from "@ziggurat/lineage";
import type { Tx } from "../platform/database/unit-of-work.js";
import { CLOSURE_GROWTH, type NewEdge, type ParentPlace, placesOf } from "./parent-places.js";

/** A version that arrives with all it will ever be. */
export interface SealedVersion {
  readonly id: string;
  readonly institutionId: string;
  readonly modelId: string;
  readonly number: number;
  readonly tier: Tier;
  readonly artifactKind: ArtifactKind;
  readonly effectiveTerms: Terms;
  readonly rootDigest: string;
  readonly parameters: number | null;
  readonly inspection: Inspection;
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly sizeBytes: number; readonly kind: FileKind }[];
  readonly edges: readonly NewEdge[];
  readonly datasetVersionIds: readonly string[];
  /** Canonical JSON of all this, kept beside the rows. */
  readonly record: string;
  readonly jobId: string;
  readonly method: Method;
  readonly createdBy: string;
  readonly reason: string;
}

/**
 * Inserts a version with its files, its derivations, its data, its record, its place on a line and what the closure gains, in one statement:
 * as a draft that is filled and sealed step by step it would take nine, and three states of the same row.
 * @param parents where its parents stand, as read under their lock
 */
export async function insertSealed(tx: Tx, version: SealedVersion, parents: readonly ParentPlace[]): Promise<void> {
  const above = placesOf(parents);
  const values = [
    version.id,
    version.institutionId,
    above.lines,
    above.seqs,
    version.modelId,
    version.number,
    version.tier,
    version.artifactKind,
    JSON.stringify(version.effectiveTerms),
    version.rootDigest,
    version.parameters,
    JSON.stringify(version.inspection),
    version.jobId,
    version.method,
    version.createdBy,
    version.reason,
    version.files.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0),
    version.files.map(({ path }) => path),
    version.files.map(({ sha256 }) => sha256),
    version.files.map(({ sizeBytes }) => sizeBytes),
    version.files.map(({ kind }) => kind),
    version.edges.map(({ parentId }) => parentId),
    version.edges.map(({ relation }): Relation => relation),
    version.edges.map(({ parentDigest }) => parentDigest),
    version.datasetVersionIds,
    version.record,
  ];
  const placement = placeOnLine(above.of(version.modelId));
  const took = placement.kind === "append" ? await tx.query(APPENDED, [...values, placement.line, placement.seq]) : [];
  // Two versions racing for the same tip end on two lines: who comes second forks.
  if (took.length === 0 && (await tx.query(STARTED, values)).length === 0) throw new Error("A line was not made.");
}

/** The reason is left where the trigger that remembers every state finds it. Rows of `version` come before those that name it. */
const WITH_LINE = `
  because as materialized (select set_config('app.reason', $16, true) as reason),
  version as (
    insert into versions (id, institution_id, model_id, number, tier, artifact_kind, effective_terms, root_digest, parameters, inspection,
      job_id, method, created_by, size_bytes, state, sealed_at, line_id, line_seq)
    select $1, $2, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $17, 'sealed', now(), line.id, line.tip_seq
    from line, because where because.reason is not null returning id),
  files as (
    insert into version_files (version_id, institution_id, path, sha256, size_bytes, kind)
    select version.id, $2, f.path, f.sha256, f.size_bytes, f.kind
    from version, unnest($18::text[], $19::text[], $20::bigint[], $21::text[]) as f (path, sha256, size_bytes, kind)),
  derived as (
    insert into edges (child_id, parent_id, relation, institution_id, seal, job_id, parent_digest)
    select version.id, e.parent_id, e.relation, $2, 'sealed', $13, e.digest
    from version, unnest($22::text[], $23::text[], $24::text[]) as e (parent_id, relation, digest)),
  learnt as (
    insert into dataset_uses (version_id, dataset_version_id, institution_id, job_id)
    select version.id, d.id, $2, $13 from version, unnest($25::text[]) as d (id) on conflict do nothing),
  recorded as (insert into version_seals (version_id, institution_id, record) select version.id, $2, $26 from version),
  ${CLOSURE_GROWTH}
  select id from version`;

const APPENDED = `with line as (update lines set tip_seq = $28 where id = $27 and tip_seq = $28 - 1 returning id, tip_seq), ${WITH_LINE}`;
const STARTED = `with line as (insert into lines (institution_id, model_id, tier, tip_seq) values ($2, $5, $7, 1) returning id, tip_seq), ${WITH_LINE}`;
