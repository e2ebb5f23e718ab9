import { Inject, Injectable } from "@nestjs/common";
import { Card, type ExportFormat, type ExportQuery, type ReportLanguage, Terms } from "@ziggurat/contracts";
import {
  cycloneDxBom,
  type ExportedJob,
  type ExportedVersion,
  IN_TOTO_PAYLOAD,
  inTotoStatements,
  openLineageEvents,
  type Provenance,
  provDocument,
  readableReport,
} from "@ziggurat/lineage";
import { CONFIG, type Config } from "../../platform/config.js";
import { canonicalJson } from "../../platform/database/audit-record.js";
import { noteRead } from "../../platform/database/note-read.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { hidden, Refusal } from "../../platform/errors/refusal.js";
import { dsseEnvelope } from "../../platform/keys/dsse.js";
import { PlatformKeys } from "../../platform/keys/platform-keys.js";
import { version as release } from "../../platform/version.js";
import { authorityOf } from "../authority.js";
import { type AncestryRow, type DatasetRow, type EvaluationRow, type JobRow, ProvenanceRepository } from "./provenance.repository.js";

interface Place {
  readonly namespace: string;
  readonly slug: string;
  readonly number: number;
}

/** Writes a version's ancestry in open formats. The same state of the registry and the same viewer give the same bytes. */
@Injectable()
export class LineageExports {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: ProvenanceRepository,
    private readonly keys: PlatformKeys,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async write(
    viewer: Viewer,
    place: Place,
    { format, language = "en" }: ExportQuery,
  ): Promise<{ readonly ref: string; readonly text: string }> {
    const provenance = await this.unitOfWork.snapshot(viewer, (tx) => this.load(tx, place));
    // Committed before the first byte leaves.
    await this.unitOfWork.run(viewer, (tx) => noteRead(tx, "lineage.export", `${provenance.focus} as ${format}`));
    return { ref: provenance.focus, text: this.render(provenance, format, language) };
  }

  private render(provenance: Provenance, format: ExportFormat, language: ReportLanguage): string {
    switch (format) {
      case "openlineage":
        return `${canonicalJson(openLineageEvents(provenance))}\n`;
      case "cyclonedx":
        return `${canonicalJson(cycloneDxBom(provenance))}\n`;
      case "prov":
        return `${canonicalJson(provDocument(provenance))}\n`;
      case "report":
        return readableReport(provenance, language);
      case "intoto":
        return inTotoStatements(provenance)
          .map((statement) => `${canonicalJson(dsseEnvelope(this.keys.signingKey, IN_TOTO_PAYLOAD, canonicalJson(statement)))}\n`)
          .join("");
    }
  }

  /** The internal shape, read as of one moment, so that a document never shows half a change. */
  private async load(tx: Tx, { namespace, slug, number }: Place): Promise<Provenance> {
    const ancestry = await this.repository.ancestry(tx, namespace, slug, number);
    const focus = ancestry.at(-1);
    if (focus === undefined || focus.ref !== `${namespace}/${slug}@${number}`) throw hidden();
    if (focus.root_digest === null) {
      throw new Refusal("rule", `${focus.ref} is a draft`, [{ code: "not_sealed", detail: `${focus.ref} is a draft; seal it first` }]);
    }
    const ids = ancestry.map(({ id }) => id);
    const jobIds = ancestry.flatMap(({ job_id }) => job_id ?? []);
    const files = await this.repository.files(tx, ids);
    const uses = await this.repository.uses(tx, ids);
    const evaluations = await this.repository.evaluations(tx, ids, focus.institution_id);
    const data = [...uses, ...evaluations].map(({ dataset_version_id }) => dataset_version_id);
    const approvals = await this.repository.approvals(tx, jobIds);
    return {
      authority: authorityOf(this.config),
      release,
      focus: focus.ref,
      versions: ancestry.map((row) => versionOf(row, files.get(row.id) ?? [])),
      derivations: (await this.repository.derivations(tx, ids)).map((row) => ({
        child: row.child,
        parent: row.parent,
        relation: row.relation,
        seal: row.seal,
        job: row.job_id,
        parentDigest: row.parent_digest,
      })),
      uses: uses.map(({ version, dataset }) => ({ version, dataset })),
      datasets: (await this.repository.datasets(tx, [...new Set(data)])).map(datasetOf),
      jobs: (await this.repository.jobs(tx, jobIds)).map((row) =>
        jobOf(
          row,
          approvals.filter(({ job_id }) => job_id === row.id).map(({ user_id, name, at }) => ({ id: user_id, name, at: at.toISOString() })),
        ),
      ),
      evaluations: evaluations.map(evaluationOf),
    };
  }
}

function versionOf(row: AncestryRow, files: ExportedVersion["files"]): ExportedVersion {
  if (row.root_digest === null || row.sealed_at === null) throw new Error(`${row.ref} has descendants and is not sealed.`);
  return {
    ref: row.ref,
    model: row.model,
    number: row.number,
    name: row.name,
    tier: row.tier,
    owner: row.owner,
    ownerName: row.owner_name,
    state: row.state,
    artifactKind: row.artifact_kind,
    rootDigest: row.root_digest,
    sizeBytes: Number(row.size_bytes),
    parameters: row.parameters === null ? null : Number(row.parameters),
    licence: row.licence,
    scenario: row.scenario,
    card: Card.parse(row.card),
    terms: Terms.parse(row.effective_terms),
    files,
    job: row.job_id,
    method: row.method,
    sealedAt: row.sealed_at.toISOString(),
    releasedAt: row.released_at?.toISOString() ?? null,
  };
}

function datasetOf({ owner_name, legal_basis, size_bytes, id: _, ...row }: DatasetRow): Provenance["datasets"][number] {
  return { ...row, ownerName: owner_name, legalBasis: legal_basis, sizeBytes: Number(size_bytes) };
}

function jobOf(row: JobRow, approvals: ExportedJob["approvals"]): ExportedJob {
  return {
    id: row.id,
    kind: row.kind,
    method: row.method,
    owner: row.owner,
    hyperparameters: row.hyperparameters,
    seed: row.seed,
    reason: row.reason,
    requestedBy: { id: row.requested_by, name: row.requested_by_name },
    approvals,
    cluster: row.cluster === null || row.driver === null ? null : { name: row.cluster, driver: row.driver },
    attempt: row.attempt,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

function evaluationOf(row: EvaluationRow): Provenance["evaluations"][number] {
  return {
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
  };
}
