import { Inject, Injectable } from "@nestjs/common";
import { type ArtifactKind, type Inspection, type Method, type Relation, Terms, type Violation } from "@ziggurat/contracts";
import { checkDerivation, checkFormats, checkPaths, kindOfFile, type ModelFacts } from "@ziggurat/pyramid";
import { Derivations } from "../../lineage/derivations.js";
import type { Tx } from "../../platform/database/unit-of-work.js";
import { Refusal, refuseIfAny } from "../../platform/errors/refusal.js";
import { BLOB_STORE, type BlobStore } from "../blobs/blob-store.js";
import { ContentCheck } from "../content/content-check.js";
import { ModelsRepository } from "../models/models.repository.js";
import { PYRAMID, type Pyramid } from "../pyramid.js";
import { type Arrival, baseOf, digestOfFiles, Sealer } from "./sealing.js";
import { refOf, releaseOf, type VersionRow } from "./version-row.js";
import { type StoredFile, VersionsRepository } from "./versions.repository.js";

/** What a job made, ready to become a version. */
export interface JobResult {
  readonly jobId: string;
  readonly modelId: string;
  readonly method: Method;
  readonly artifactKind: ArtifactKind;
  /** Files uploaded by the runner, by digest, on behalf of the model's institution. */
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly sizeBytes: number }[];
  /** What it was made from, pinned to the root digests that stood in the job's spec. */
  readonly parents: readonly { readonly versionId: string; readonly relation: Relation; readonly digest: string }[];
  readonly datasetVersionIds: readonly string[];
  /** As the trainer counted. What is written is counted from the weights; a difference is a finding. */
  readonly parameters: number;
  /** Name of who asked for the job. */
  readonly createdBy: string;
}
export interface SealedVersion {
  readonly id: string;
  readonly ref: string;
  readonly number: number;
  readonly rootDigest: string;
}

/** Turns a job's result into a sealed version, with its derivation, in the transaction that collects the result. */
@Injectable()
export class SealVersion {
  constructor(
    private readonly models: ModelsRepository,
    private readonly versions: VersionsRepository,
    private readonly derivations: Derivations,
    private readonly sealer: Sealer,
    private readonly content: ContentCheck,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
    @Inject(PYRAMID) private readonly pyramid: Pyramid,
  ) {}

  /**
   * One job yields at most one version: asked again, it answers the same one and changes nothing.
   * @throws Refusal `rule` when a file, parent or dataset does not hold; nothing is written then
   */
  async sealFromJob(tx: Tx, result: JobResult): Promise<SealedVersion> {
    await this.models.lock(tx, result.modelId);
    const before = await this.versions.byJob(tx, result.jobId);
    if (before !== null) return sealedOf(before);
    const model = await this.model(tx, result.modelId);
    const places = await this.derivations.lockParents(
      tx,
      result.parents.map(({ versionId }) => versionId),
    );
    const parents = await this.versions.byId(
      tx,
      result.parents.map(({ versionId }) => versionId),
    );
    const files = result.files.map((file) => ({ ...file, kind: kindOfFile(file.path) }));
    const digest = digestOfFiles(result.artifactKind, files);
    const data = await this.data(tx, result.datasetVersionIds);
    const problems = [...(await this.problems(tx, result, model, parents, files)), ...data.violations];
    const base = await baseOf(
      this.versions,
      tx,
      result.artifactKind,
      result.parents.find(({ relation }) => relation === "adapter_of")?.versionId,
    );
    // Files that are missing or run code are not looked into any further.
    const found = problems.length === 0 ? await this.content.inspect(files, result.artifactKind, base) : null;
    refuseIfAny([...problems, ...digest.violations, ...(found?.violations ?? [])]);
    if (found === null) throw new Error("A result with problems was not refused.");
    if (digest.rootDigest === null) throw new Refusal("rule", "a version has at least one file");

    const number = await this.models.takeNumber(tx, result.modelId);
    const { institutionId } = model;
    const ref = `${model.facts.ref}@${number}`;
    const id = await this.sealer.insert(tx, {
      ref,
      institutionId,
      modelId: result.modelId,
      number,
      tier: model.facts.tier,
      artifactKind: result.artifactKind,
      rootDigest: digest.rootDigest,
      inspection: withStated(found.inspection, result.parameters),
      ownTerms: model.facts.terms,
      parentTerms: parents.map((row) => Terms.parse(row.effective_terms)),
      files,
      edges: result.parents.map(({ versionId, relation, digest: parentDigest }) => ({ parentId: versionId, relation, parentDigest })),
      parents: places,
      madeFrom: madeFrom(result, parents),
      datasets: data.rows,
      jobId: result.jobId,
      method: result.method,
      createdBy: result.createdBy,
      reason: `made by ${result.jobId}`,
    });
    return { id, ref, number, rootDigest: digest.rootDigest };
  }

  private async problems(
    tx: Tx,
    result: JobResult,
    model: { readonly institutionId: string; readonly facts: ModelFacts },
    parents: readonly VersionRow[],
    files: readonly StoredFile[],
  ): Promise<Violation[]> {
    const claims = result.parents.map(({ versionId, relation }) => {
      const row = parents.find(({ id }) => id === versionId);
      return { ref: row === undefined ? versionId : refOf(row), relation, release: row === undefined ? null : releaseOf(row) };
    });
    const policy = this.pyramid[model.facts.tier];
    const missing = await this.missing(tx, model.institutionId, files);
    return [
      ...checkDerivation(policy, { model: model.facts, artifactKind: result.artifactKind, parents: claims, seal: "sealed" }),
      ...checkPins(result, parents),
      ...checkPaths(files),
      ...checkFormats(files),
      ...(missing.length > 0 ? missing : await this.content.findings(files)),
    ];
  }

  /** Files that the institution did not bring, or whose bytes are not there in the size stated. */
  private async missing(tx: Tx, institutionId: string, files: readonly StoredFile[]): Promise<Violation[]> {
    const rows = await tx.query<{ sha256: string }>("select sha256 from blob_grants where institution_id = $1 and sha256 = any($2)", [
      institutionId,
      files.map(({ sha256 }) => sha256),
    ]);
    const granted = new Set(rows.map(({ sha256 }) => sha256));
    const broken: Violation[] = [];
    for (const [index, file] of files.entries()) {
      const size = granted.has(file.sha256) ? await this.store.sizeOf(file.sha256) : null;
      if (size === file.sizeBytes) continue;
      broken.push({ code: "blob_unknown", detail: `${file.path}: no such bytes were uploaded`, pointer: `/files/${index}/sha256` });
    }
    return broken;
  }

  /** What it learnt from, and what of that was withdrawn meanwhile. The share lock orders this seal and a recall of the data. */
  private async data(
    tx: Tx,
    ids: readonly string[],
  ): Promise<{ readonly rows: readonly DataRow[]; readonly violations: readonly Violation[] }> {
    if (ids.length === 0) return { rows: [], violations: [] };
    const rows = await tx.query<DataRow>(
      `select dv.id, d.namespace || '/' || d.slug || '@' || dv.number as ref, dv.sha256
       from dataset_versions dv join datasets d on d.id = dv.dataset_id where dv.id = any($1) order by dv.id for share of dv`,
      [ids],
    );
    // A statement of its own: it sees what was withdrawn while the lock was waited for.
    const withdrawn = await tx.query<{ id: string }>(
      "select dataset_version_id as id from withdrawn_datasets where dataset_version_id = any($1)",
      [ids],
    );
    const violations = rows
      .filter((row) => withdrawn.some(({ id }) => id === row.id))
      .map(({ ref }) => ({ code: "dataset_withdrawn", detail: `${ref} was withdrawn by a recall while the job learnt from it` }));
    return { rows, violations };
  }

  private async model(tx: Tx, id: string): Promise<{ readonly institutionId: string; readonly facts: ModelFacts }> {
    const row = await this.models.byId(tx, id);
    if (row === null) throw new Refusal("rule", `there is no model ${id}`);
    return row;
  }
}

/** A dataset version as it is named where it was learnt from. */
interface DataRow {
  readonly id: string;
  readonly ref: string;
  readonly sha256: string;
}

/** What it was made from, by name and pinned digest. */
function madeFrom({ parents }: JobResult, rows: readonly VersionRow[]): Arrival["madeFrom"] {
  return parents.map(({ versionId, relation, digest }) => {
    const row = rows.find(({ id }) => id === versionId);
    return { ref: row === undefined ? null : refOf(row), relation, rootDigest: digest };
  });
}

/** A trainer that counts otherwise than the headers of what it made. */
function withStated(inspection: Inspection, stated: number): Inspection {
  const counted = inspection.weights?.parameters ?? null;
  if (counted === stated) return inspection;
  const detail = `the trainer counted ${stated} parameters, the weights have ${counted ?? "none"}`;
  return { ...inspection, findings: [...inspection.findings, { code: "stated_parameters", detail, path: null }] };
}

/** A parent whose bytes are no longer those the job read has not been derived from. */
function checkPins(result: JobResult, parents: readonly VersionRow[]): Violation[] {
  return result.parents.flatMap(({ versionId, digest }, index) => {
    const row = parents.find(({ id }) => id === versionId);
    if (row === undefined || row.root_digest === digest) return [];
    return [{ code: "parent_digest", detail: `${refOf(row)} does not have the digest the job was given`, pointer: `/parents/${index}` }];
  });
}

function sealedOf(row: VersionRow): SealedVersion {
  if (row.root_digest === null) throw new Error(`Version ${row.id} belongs to a job and is not sealed.`);
  return { id: row.id, ref: refOf(row), number: row.number, rootDigest: row.root_digest };
}
