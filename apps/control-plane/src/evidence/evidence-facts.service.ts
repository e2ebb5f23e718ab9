import { Injectable } from "@nestjs/common";
import { versionRef } from "@ziggurat/contracts";
import type { EvidenceAlias, EvidenceDataset, EvidenceFacts, EvidenceJob, EvidenceVersion } from "@ziggurat/lineage";
import { type DatasetRow, type JobRow, ProvenanceRepository } from "../lineage/exports/provenance.repository.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer, type Viewer } from "../platform/database/viewer.js";
import { Refusal } from "../platform/errors/refusal.js";
import type { ModelRow } from "../registry/models/model-row.js";
import { type AncestorRow, EvidenceRepository, type StoredSeal, type StoredSignature } from "./evidence.repository.js";

/** Which version a pack is about: the one an alias led to, or the one of this number. */
export type Asked = { readonly alias: string } | { readonly number: number };

interface Chosen {
  readonly number: number;
  readonly alias: EvidenceAlias | null;
}

export interface Evidence {
  readonly facts: EvidenceFacts;
  readonly signatures: readonly StoredSignature[];
  readonly seals: readonly StoredSeal[];
}

/** Reads what a pack tells, as of one instant and in one snapshot. */
@Injectable()
export class EvidenceFactsReader {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly evidence: EvidenceRepository,
    private readonly provenance: ProvenanceRepository,
  ) {}

  /** @throws Refusal `rule` when the alias pointed nowhere then, or the version was not sealed yet */
  async read(eyes: Viewer, model: ModelRow, at: string, asked: Asked): Promise<Evidence> {
    const { ids, dataIds, ...read } = await this.unitOfWork.snapshot(eyes, async (tx) => {
      const chosen = await this.choose(tx, model, at, asked);
      const ancestry = await this.evidence.ancestry(tx, model.id, chosen.number, at);
      const version = versionRef(model.namespace, model.slug, chosen.number);
      if (ancestry.at(-1)?.ref !== version) throw unknownThen(version, at);
      return { version, alias: chosen.alias, ...(await this.around(tx, ancestry, model.institution_id, at)) };
    });
    const recalls = await this.unitOfWork.run(reader, (tx) => this.evidence.recalls(tx, ids, dataIds, at));
    const { signatures, seals, ...told } = read;
    return { facts: { institution: model.owner, model: `${model.namespace}/${model.slug}`, at, ...told, recalls }, signatures, seals };
  }

  private async around(tx: Tx, ancestry: readonly AncestorRow[], institutionId: string, at: string) {
    const ids = ancestry.map(({ id }) => id);
    const jobIds = ancestry.flatMap(({ job_id }) => job_id ?? []);
    const files = await this.provenance.files(tx, ids);
    const uses = await this.provenance.uses(tx, ids);
    // A row dated within the very millisecond may follow it.
    const evaluations = (await this.provenance.evaluations(tx, ids, institutionId)).filter(({ created_at }) => created_at < new Date(at));
    const dataIds = [...new Set([...uses, ...evaluations].map(({ dataset_version_id }) => dataset_version_id))];
    const approvals = (await this.provenance.approvals(tx, jobIds)).filter((approval) => approval.at < new Date(at));
    return {
      ids,
      dataIds,
      versions: ancestry.map((row) => versionOf(row, files.get(row.id) ?? [])),
      derivations: (await this.provenance.derivations(tx, ids)).map(({ job_id, parent_digest, ...edge }) => ({
        ...edge,
        job: job_id,
        parentDigest: parent_digest,
      })),
      uses: uses.map(({ version, dataset }) => ({ version, dataset })),
      datasets: (await this.provenance.datasets(tx, dataIds)).map(datasetOf),
      evaluations: evaluations.map(({ dataset_version_id: _, ...row }) => ({
        id: row.id,
        version: row.version,
        dataset: row.dataset,
        job: row.job_id,
        owner: row.owner,
        rootDigest: row.root_digest,
        rows: row.rows,
        exactMatch: row.exact_match,
        perplexity: row.perplexity,
        itemsSha256: row.items_sha256,
        createdAt: row.created_at.toISOString(),
      })),
      jobs: (await this.provenance.jobs(tx, jobIds)).map((row) => jobOf(row, approvals)),
      moves: await this.evidence.moves(tx, ids, at),
      deprecations: await this.evidence.deprecations(tx, ids, at),
      signatures: await this.evidence.signatures(tx, ids, at),
      seals: await this.evidence.seals(tx, ids, at),
    };
  }

  private async choose(tx: Tx, model: ModelRow, at: string, asked: Asked): Promise<Chosen> {
    if ("number" in asked) return { number: asked.number, alias: null };
    const { last, first } = await this.evidence.alias(tx, model.id, asked.alias, at);
    if (last === null) {
      const since = first === null ? "it never pointed anywhere" : `it first pointed somewhere at ${first.toISOString()}`;
      const detail = `${model.namespace}/${model.slug} had no ${asked.alias} at ${at}: ${since}; name another alias, a version, or a later instant`;
      throw new Refusal("rule", detail, [{ code: "alias_unset", detail, pointer: "/alias" }]);
    }
    const { number, moved_at, moved_by, reason } = last;
    return { number, alias: { name: asked.alias, movedAt: moved_at.toISOString(), movedBy: moved_by, reason } };
  }
}

const reader = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "evidence");

function unknownThen(version: string, at: string): Refusal {
  const detail = `${version} was not sealed at ${at}; name a version that was, or a later instant`;
  return new Refusal("rule", detail, [{ code: "version_unsealed", detail, pointer: "/version" }]);
}

function versionOf(row: AncestorRow, files: EvidenceVersion["files"]): EvidenceVersion {
  return {
    ref: row.ref,
    tier: row.tier,
    owner: row.owner,
    artifactKind: row.artifact_kind,
    rootDigest: row.root_digest,
    sizeBytes: Number(row.size_bytes),
    parameters: row.parameters === null ? null : Number(row.parameters),
    method: row.method,
    job: row.job_id,
    createdBy: row.created_by,
    sealedAt: row.sealed_at.toISOString(),
    terms: row.effective_terms,
    inspection: row.inspection,
    files,
  };
}

/** Without names, which may be written anew. */
function datasetOf({ ref, owner, format, licence, legal_basis, sensitivity, sha256, size_bytes, rows }: DatasetRow): EvidenceDataset {
  return { ref, owner, format, licence, legalBasis: legal_basis, sensitivity, sha256, sizeBytes: Number(size_bytes), rows };
}

type Approval = Awaited<ReturnType<ProvenanceRepository["approvals"]>>[number];

/** Without its end: a job that made a version goes on evaluating it. */
function jobOf(row: JobRow, approvals: readonly Approval[]): EvidenceJob {
  return {
    id: row.id,
    kind: row.kind,
    method: row.method,
    hyperparameters: row.hyperparameters,
    seed: row.seed,
    reason: row.reason,
    requestedBy: { id: row.requested_by, name: row.requested_by_name },
    requestedAt: row.created_at.toISOString(),
    approvals: approvals
      .filter(({ job_id }) => job_id === row.id)
      .map(({ user_id, name, at }) => ({ id: user_id, name, at: at.toISOString() })),
  };
}
