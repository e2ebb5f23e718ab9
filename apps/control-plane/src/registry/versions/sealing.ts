import { createHash } from "node:crypto";
import { Injectable } from "@nestjs/common";
import type { ArtifactKind, Inspection, Terms, Violation } from "@ziggurat/contracts";
import { termsOfLicence } from "@ziggurat/foundation";
import { checkArtifact, effectiveTerms, rootDigest } from "@ziggurat/pyramid";
import { Derivations } from "../../lineage/derivations.js";
import type { Tx } from "../../platform/database/unit-of-work.js";
import type { BaseFiles } from "../content/content-check.js";
import { refOf } from "./version-row.js";
import { type StoredFile, VersionsRepository } from "./versions.repository.js";

export interface Sealing {
  readonly id: string;
  readonly ref: string;
  readonly institutionId: string;
  readonly modelId: string;
  readonly rootDigest: string;
  readonly inspection: Inspection;
  readonly ownTerms: Terms;
  readonly parentTerms: readonly Terms[];
  readonly reason: string;
}

/** The last step of every version, whether a person drafted it or a job made it: digest, place on a line, state, audit entry. */
@Injectable()
export class Sealer {
  constructor(
    private readonly versions: VersionsRepository,
    private readonly derivations: Derivations,
  ) {}

  async seal(tx: Tx, sealing: Sealing): Promise<void> {
    const { id, institutionId, modelId, inspection } = sealing;
    await this.derivations.place(tx, { versionId: id, institutionId, modelId });
    // The licence on the card binds like an ancestor's terms: it only narrows.
    const terms = effectiveTerms(sealing.ownTerms, [...sealing.parentTerms, termsOfLicence(inspection.card?.licence ?? null)]);
    const parameters = inspection.weights?.parameters ?? null;
    const { rootDigest, reason } = sealing;
    await this.versions.seal(tx, id, { rootDigest, parameters, effectiveTerms: terms, inspection, reason });
    await tx.audit({
      institutionId,
      action: "version.seal",
      object: sealing.ref,
      reason: sealing.reason,
      after: { state: "sealed", rootDigest: sealing.rootDigest },
    });
  }
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
