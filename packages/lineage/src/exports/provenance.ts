import type {
  ArtifactKind,
  Card,
  DataFormat,
  LegalBasis,
  Relation,
  Seal,
  Sensitivity,
  Terms,
  Tier,
  VersionFile,
  VersionState,
} from "@ziggurat/contracts";

/** A version as exports speak of it. Times are RFC 3339 in UTC. */
export interface ExportedVersion {
  readonly ref: string;
  readonly model: string;
  readonly number: number;
  readonly name: string;
  readonly tier: Tier;
  /** Slug and name of the owning institution. */
  readonly owner: string;
  readonly ownerName: string;
  readonly state: VersionState;
  readonly artifactKind: ArtifactKind;
  readonly rootDigest: string;
  readonly sizeBytes: number;
  readonly parameters: number | null;
  readonly licence: string | null;
  readonly scenario: string | null;
  readonly card: Card;
  readonly terms: Terms;
  /** In order of path. */
  readonly files: readonly VersionFile[];
  /** The job that sealed it; null for what a person brought. */
  readonly job: string | null;
  readonly method: string | null;
  readonly sealedAt: string;
  readonly releasedAt: string | null;
}

export interface ExportedDerivation {
  readonly child: string;
  readonly parent: string;
  readonly relation: Relation;
  readonly seal: Seal;
  readonly job: string | null;
  /** Root digest of the parent when the edge was written. */
  readonly parentDigest: string | null;
}

export interface ExportedUse {
  readonly version: string;
  readonly dataset: string;
}

export interface ExportedDataset {
  readonly ref: string;
  readonly name: string;
  readonly owner: string;
  readonly ownerName: string;
  readonly format: DataFormat;
  readonly licence: string;
  readonly legalBasis: LegalBasis;
  readonly sensitivity: Sensitivity;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly rows: number;
}

/** What a viewer who may look into a job sees of it. */
export interface ExportedJob {
  readonly id: string;
  readonly kind: string;
  readonly method: string;
  readonly owner: string;
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly reason: string;
  readonly requestedBy: { readonly id: string; readonly name: string };
  readonly approvals: readonly { readonly id: string; readonly name: string; readonly at: string }[];
  /** Name and driver of the cluster that ran the attempt which succeeded. */
  readonly cluster: { readonly name: string; readonly driver: string } | null;
  readonly attempt: string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

export interface ExportedEvaluation {
  readonly id: string;
  readonly version: string;
  readonly dataset: string;
  readonly job: string;
  readonly owner: string;
  readonly rootDigest: string;
  readonly rows: number;
  readonly exactMatch: number | null;
  readonly perplexity: number | null;
  /** Digest of the stored item results that the score is recomputed from. */
  readonly itemsSha256: string;
  readonly createdAt: string;
}

/**
 * A version with its whole ancestry, as far as the viewer may see: what every export is built from.
 * Everything is in a fixed order, so that the same state of the registry gives the same document.
 */
export interface Provenance {
  /** Host that the platform's names belong to; it is part of every URI and does not change with the port listened on. */
  readonly authority: string;
  /** Release of the platform that writes the document. */
  readonly release: string;
  readonly focus: string;
  /** Ancestors before what was made from them; the focus comes last. */
  readonly versions: readonly ExportedVersion[];
  readonly derivations: readonly ExportedDerivation[];
  readonly uses: readonly ExportedUse[];
  readonly datasets: readonly ExportedDataset[];
  /** Fewer than the versions name: an institution does not look into the platform's jobs. */
  readonly jobs: readonly ExportedJob[];
  readonly evaluations: readonly ExportedEvaluation[];
}

/** The version that was asked for. */
export function focusOf({ versions, focus }: Provenance): ExportedVersion {
  const found = versions.find(({ ref }) => ref === focus);
  if (found === undefined) throw new Error(`${focus} is not among its own ancestry.`);
  return found;
}

/** What a version was derived from directly. */
export const parentsOf = ({ derivations }: Provenance, ref: string): readonly ExportedDerivation[] =>
  derivations.filter(({ child }) => child === ref);

/** The data a version learnt from. */
export function dataOf({ uses, datasets }: Provenance, ref: string): readonly ExportedDataset[] {
  const used = new Set(uses.filter(({ version }) => version === ref).map(({ dataset }) => dataset));
  return datasets.filter((dataset) => used.has(dataset.ref));
}

export const scoresOf = ({ evaluations }: Provenance, ref: string): readonly ExportedEvaluation[] =>
  evaluations.filter(({ version }) => version === ref);

/** The figure of an evaluation and what it is called. */
export function scoreOf({ exactMatch, perplexity }: ExportedEvaluation): { readonly name: string; readonly value: number } | null {
  if (exactMatch !== null) return { name: "exact_match", value: exactMatch };
  return perplexity === null ? null : { name: "perplexity", value: perplexity };
}
