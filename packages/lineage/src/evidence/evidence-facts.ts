import type { ArtifactKind, DataFormat, LegalBasis, Sensitivity, Tier, VersionFile, VersionState } from "@ziggurat/contracts";
import type { ExportedDerivation, ExportedEvaluation, ExportedUse } from "../exports/provenance.js";

/** A state that a version entered, who moved it there, and why. */
export interface EvidenceMove {
  readonly version: string;
  readonly state: VersionState;
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}

/**
 * A version as a pack tells of it: what was fixed when it was sealed, and no name, card or tag that its owner may write anew.
 */
export interface EvidenceVersion {
  readonly ref: string;
  readonly tier: Tier;
  readonly owner: string;
  readonly artifactKind: ArtifactKind;
  readonly rootDigest: string;
  readonly sizeBytes: number;
  readonly parameters: number | null;
  readonly method: string | null;
  readonly job: string | null;
  readonly createdBy: string;
  readonly sealedAt: string;
  /** Terms of use as they were worked out then; not read anew, so that a later release of the platform tells them in the same words. */
  readonly terms: unknown;
  /** What the look at the files found when they were sealed, with the licence and the card that lay among them. */
  readonly inspection: unknown;
  readonly files: readonly VersionFile[];
}

export interface EvidenceDataset {
  readonly ref: string;
  readonly owner: string;
  readonly format: DataFormat;
  readonly licence: string;
  readonly legalBasis: LegalBasis;
  readonly sensitivity: Sensitivity;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly rows: number;
}

/** A job that made a version of the ancestry, as far as the institution may look into it. */
export interface EvidenceJob {
  readonly id: string;
  readonly kind: string;
  readonly method: string;
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly reason: string;
  readonly requestedBy: { readonly id: string; readonly name: string };
  readonly requestedAt: string;
  readonly approvals: readonly { readonly id: string; readonly name: string; readonly at: string }[];
}

export interface EvidenceDeprecation {
  readonly version: string;
  readonly successor: string | null;
  readonly endsAt: string | null;
  readonly reason: string;
  readonly at: string;
}

/** A recall in force at the instant, or lifted before it, that touches the ancestry or its data. */
export interface EvidenceRecall {
  readonly id: string;
  /** The version, or `datasets/ns/slug@n`. */
  readonly subject: string;
  readonly reason: string;
  readonly at: string;
  readonly liftedAt: string | null;
  readonly liftReason: string | null;
}

/** The alias that led to the version, as it stood at the instant. */
export interface EvidenceAlias {
  readonly name: string;
  readonly movedAt: string;
  readonly movedBy: string;
  readonly reason: string;
}

/** Everything a pack says, as of one instant, each list in a fixed order. */
export interface EvidenceFacts {
  readonly institution: string;
  readonly model: string;
  readonly at: string;
  readonly alias: EvidenceAlias | null;
  readonly version: string;
  /** Ancestors before what was made from them; the version itself comes last. */
  readonly versions: readonly EvidenceVersion[];
  readonly derivations: readonly ExportedDerivation[];
  readonly uses: readonly ExportedUse[];
  readonly datasets: readonly EvidenceDataset[];
  readonly evaluations: readonly ExportedEvaluation[];
  readonly jobs: readonly EvidenceJob[];
  readonly moves: readonly EvidenceMove[];
  readonly deprecations: readonly EvidenceDeprecation[];
  readonly recalls: readonly EvidenceRecall[];
}
