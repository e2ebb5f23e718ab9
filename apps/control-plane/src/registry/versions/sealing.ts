import { createHash } from "node:crypto";
import { Injectable } from "@nestjs/common";
import type { ArtifactKind, Inspection, SealedDataset, SealedParent, SealRecord, Terms, Violation } from "@ziggurat/contracts";
import { termsOfLicence } from "@ziggurat/foundation";
import { checkArtifact, effectiveTerms, rootDigest, sealRecord } from "@ziggurat/pyramid";
import { Derivations } from "../../lineage/derivations.js";
import type { SealedVersion } from "../../lineage/insert-sealed.js";
import type { ParentPlace } from "../../lineage/parent-places.js";
import { auditDigest } from "../../platform/database/audit-record.js";
import { newId } from "../../platform/database/ids.js";
import type { Tx } from "../../platform/database/unit-of-work.js";
import type { BaseFiles } from "../content/content-check.js";
import { digestOfList, SealRowsRepository, sealedAs } from "../seals/seal-rows.repository.js";
import { entryOf } from "../seals/version-seals.service.js";
import { refOf } from "./version-row.js";
import { type StoredFile, VersionsRepository } from "./versions.repository.js";

/** What every version is sealed with. */
interface Seals {
  readonly ref: string;
  readonly institutionId: string;
  readonly modelId: string;
  readonly rootDigest: string;
  readonly inspection: Inspection;
  readonly ownTerms: Terms;
  readonly parentTerms: readonly Terms[];
  readonly reason: string;
}
export interface Sealing extends Seals {
  readonly id: string;
}
export interface Arrival extends Seals, Omit<SealedVersion, "id" | "effectiveTerms" | "parameters" | "record" | "datasetVersionIds"> {
  readonly parents: readonly ParentPlace[];
  /** Its derivations as the record names them. */
  readonly madeFrom: readonly Pick<SealedParent, "ref" | "relation" | "rootDigest">[];
  readonly datasets: readonly (Pick<SealedDataset, "ref" | "sha256"> & { readonly id: string })[];
}

/** The last step of every version, whether a person drafted it or a job made it: digest, place on a line, state, audit entry. */
@Injectable()
export class Sealer {
  constructor(
    private readonly versions: VersionsRepository,
    private readonly derivations: Derivations,
    private readonly seals: SealRowsRepository,
  ) {}

  /** Seals a draft. */
  async seal(tx: Tx, sealing: Sealing): Promise<void> {
    const { id, institutionId, modelId, reason } = sealing;
    await this.derivations.place(tx, { versionId: id, institutionId, modelId });
    await this.versions.seal(tx, id, { ...sealing, ...worth(sealing) });
    const [record] = await this.seals.read(tx, [id]);
    if (record === undefined) throw new Error(`${sealing.ref} cannot be read back.`);
    await this.seals.insert(tx, { versionId: id, institutionId }, sealedAs(record).record);
    await tx.audit(entryOf("version.seal", record, reason));
  }

  /** Inserts a version that was never a draft. @returns its id */
  async insert(tx: Tx, arrival: Arrival): Promise<string> {
    const version = { ...arrival, ...worth(arrival), id: newId("version") };
    const record = recordOf(version, await tx.startedAt);
    const datasetVersionIds = arrival.datasets.map(({ id }) => id);
    await Promise.all([
      this.derivations.insertSealed(tx, { ...version, record: sealedAs(record).record, datasetVersionIds }, arrival.parents),
      tx.audit(entryOf("version.seal", record, arrival.reason)),
    ]);
    return version.id;
  }
}

/** What the rows of an arrival will say, known before they are written: reading them back would cost another round trip. */
function recordOf(version: Arrival & ReturnType<typeof worth> & { readonly id: string }, now: string): SealRecord {
  const { id, ref, tier, artifactKind, rootDigest, parameters, effectiveTerms, files, jobId: job, method, createdBy } = version;
  return sealRecord({
    id,
    ref,
    institution: version.institutionId,
    model: version.modelId,
    tier,
    artifactKind,
    state: "sealed",
    rootDigest,
    sizeBytes: files.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0),
    parameters,
    notes: "",
    effectiveTerms,
    inspection: auditDigest(version.inspection),
    files: digestOfList(files),
    job,
    method,
    createdBy,
    createdAt: now,
    sealedAt: now,
    parents: version.madeFrom.map((parent) => ({ ...parent, seal: "sealed", job })),
    datasets: version.datasets.map(({ ref: dataset, sha256 }) => ({ ref: dataset, sha256, job })),
  });
}

/** What the weights count, and the terms. The licence on the card binds like an ancestor's terms: it only narrows. */
function worth({ inspection, ownTerms, parentTerms }: Seals): { readonly parameters: number | null; readonly effectiveTerms: Terms } {
  return {
    parameters: inspection.weights?.parameters ?? null,
    effectiveTerms: effectiveTerms(ownTerms, [...parentTerms, termsOfLicence(inspection.card?.licence ?? null)]),
  };
}

/** The version whose modules an adapter speaks of, with its files; null for whole weights, and where the parent is not there. */
export async function baseOf(versions: VersionsRepository, tx: Tx, kind: ArtifactKind, parentId?: string): Promise<BaseFiles | null> {
  const [parent] = kind === "adapter" && parentId !== undefined ? await versions.byId(tx, [parentId]) : [];
  return parent === undefined ? null : { ref: refOf(parent), files: await versions.files(tx, parent.id, "", 100_000) };
}

/** The root digest of a version's files, or why they make no version of this kind. */
export function digestOfFiles(
  kind: ArtifactKind,
  files: readonly StoredFile[],
): { readonly rootDigest: string | null; readonly violations: readonly Violation[] } {
  const digest = rootDigest(files, (bytes) => createHash("sha256").update(bytes).digest("hex"));
  const empty = { code: "files_required", detail: "a version has at least one file", pointer: "/files" };
  return { rootDigest: digest, violations: digest === null ? [empty] : checkArtifact(kind, files) };
}
