import { createHash } from "node:crypto";
import { Injectable } from "@nestjs/common";
import type { ArtifactKind, Inspection, Terms, Violation } from "@ziggurat/contracts";
import { termsOfLicence } from "@ziggurat/foundation";
import { checkArtifact, effectiveTerms, rootDigest } from "@ziggurat/pyramid";
import { Derivations } from "../../lineage/derivations.js";
import type { SealedVersion } from "../../lineage/insert-sealed.js";
import type { ParentPlace } from "../../lineage/parent-places.js";
import type { Tx } from "../../platform/database/unit-of-work.js";
import type { BaseFiles } from "../content/content-check.js";
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
export interface Arrival extends Seals, Omit<SealedVersion, "effectiveTerms" | "parameters"> {
  readonly parents: readonly ParentPlace[];
}

/** The last step of every version, whether a person drafted it or a job made it: digest, place on a line, state, audit entry. */
@Injectable()
export class Sealer {
  constructor(
    private readonly versions: VersionsRepository,
    private readonly derivations: Derivations,
  ) {}

  /** Seals a draft. */
  async seal(tx: Tx, sealing: Sealing): Promise<void> {
    const { id, institutionId, modelId } = sealing;
    await this.derivations.place(tx, { versionId: id, institutionId, modelId });
    await this.versions.seal(tx, id, { ...sealing, ...worth(sealing) });
    await this.note(tx, sealing);
  }

  /** Inserts a version that was never a draft. @returns its id */
  async insert(tx: Tx, arrival: Arrival): Promise<string> {
    const id = await this.derivations.insertSealed(tx, { ...arrival, ...worth(arrival) }, arrival.parents);
    await this.note(tx, arrival);
    return id;
  }

  private note(tx: Tx, { institutionId, ref, reason, rootDigest }: Seals): Promise<void> {
    return tx.audit({ institutionId, action: "version.seal", object: ref, reason, after: { state: "sealed", rootDigest } });
  }
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
