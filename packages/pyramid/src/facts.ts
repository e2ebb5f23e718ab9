import type {
  ArtifactKind,
  CreateJob,
  DataFormat,
  Relation,
  Right,
  Role,
  Scenario,
  Scope,
  Terms,
  Tier,
  VersionState,
} from "@ziggurat/contracts";

/** Who asks, as far as rules care. */
export interface ViewerFacts {
  readonly roles: readonly Role[];
  /** What the institution's own roles give on top, as far as this request goes. */
  readonly scopes?: readonly Scope[];
  /** Tiers at which the platform lets them work; left out: all. */
  readonly tiers?: readonly Tier[];
  /** Slug of the viewer's institution; `platform` for the platform's people. */
  readonly institution: string;
}

/** A model line. */
export interface ModelFacts {
  readonly ref: string;
  readonly tier: Tier;
  /** Slug of the owning institution; `platform` for the shared tiers. */
  readonly owner: string;
  readonly licence: string | null;
  readonly terms: Terms;
  /** Region of the owning institution, where one is known. */
  readonly region: string | null;
  /** What a task model is for; null in the shared tiers. */
  readonly scenario: Scenario | null;
}

/** What the institution that asks may do with a shared line that is not open to all. No rights: nothing is in force. */
export interface Entitled {
  readonly rights: readonly Right[];
  /** Null: any number. */
  readonly maxTaskModels: number | null;
  /** Null: any. */
  readonly scenarios: readonly Scenario[] | null;
  /** Its models that stand on the line already. */
  readonly taskModels: readonly string[];
}

/** A version as a possible parent. All that an upper tier needs from below travels here, not by import. */
export interface Release {
  readonly ref: string;
  readonly model: string;
  readonly tier: Tier;
  readonly owner: string;
  readonly state: VersionState;
  /** Whether its files, or those it was tuned on as an adapter, were dropped for good. */
  readonly isPurged: boolean;
  readonly artifactKind: ArtifactKind;
  /** Null while a draft. */
  readonly rootDigest: string | null;
  /** Parameters of the whole model; for an adapter, of the adapter alone. Null when unknown. */
  readonly parameters: number | null;
  readonly effectiveTerms: Terms;
  /** Null where nothing has to be granted: an open line, one's own, or the platform's people. */
  readonly entitled: Entitled | null;
}

/** A dataset version. */
export interface DatasetFacts {
  readonly ref: string;
  /** Slug of the owning institution; `platform` for datasets of the shared tiers. */
  readonly owner: string;
  readonly format: DataFormat;
  readonly sha256: string;
  /** Whether a recall withdraws it: nothing learns from it any more. */
  readonly isWithdrawn: boolean;
  /** Whether its rows were dropped for good. */
  readonly isPurged: boolean;
}

/** A parent as declared or about to be sealed. `release` is null when the viewer can see no such version. */
export interface ParentClaim {
  readonly ref: string;
  readonly relation: Relation;
  readonly release: Release | null;
}

/** A request with the facts behind the names in it. What the viewer cannot see is null or not in the map. */
export interface TuneClaim {
  readonly request: CreateJob;
  readonly model: ModelFacts;
  readonly parent: Release | null;
  readonly datasets: ReadonlyMap<string, DatasetFacts>;
}

/** Slug of the reserved institution that owns the shared tiers. */
export const PLATFORM = "platform";
