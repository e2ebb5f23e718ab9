import type { ArtifactKind, JobKind, Method, Role, Tier, Violation } from "@ziggurat/contracts";
import type { CardItem } from "./check-card.js";
import type { DatasetFacts, ModelFacts, Release } from "./facts.js";
import type { GateFacts, ReleaseGate } from "./gates.js";

/** What a tier's own rules may look at when a job is asked for. */
export interface TuneFacts {
  readonly method: Method;
  readonly kind: JobKind;
  readonly model: ModelFacts;
  readonly parent: Release | null;
}

/** The answers that make a tier a tier. One value of this shape per tier, read by every check. */
export interface TierPolicy {
  readonly tier: Tier;
  /** Namespace of the tier's models; null where each institution's slug is one. */
  readonly namespace: Tier | null;
  /** Roles that may register models and draft versions. */
  readonly registrars: readonly Role[];
  /** Roles that may ask for jobs. */
  readonly requesters: readonly Role[];
  /** Roles whose word brings a version into use: out of review, and back. None of them is an administrator's, who approves nothing by being one. */
  readonly approvingRoles: readonly Role[];
  /** Roles that may deprecate, retire and move aliases of what was released. */
  readonly releasers: readonly Role[];
  /** Roles that may quarantine and recall; these reach models of every owner. */
  readonly withdrawers: readonly Role[];
  /** Tiers whose releases a version may derive from. */
  readonly parents: readonly Tier[];
  /** Whether a version must name a parent before it can be sealed. */
  readonly needsParent: boolean;
  /** Training methods, and what each one yields. */
  readonly methods: readonly Method[];
  readonly artifacts: Partial<Record<Method, ArtifactKind>>;
  /** Hyperparameters filled in where a request leaves them out. */
  readonly defaults: Partial<Record<Method, Readonly<Record<string, number | string | boolean | readonly string[]>>>>;
  /** Says why a dataset may not be used for this tier's model, or null. */
  readonly data: (dataset: DatasetFacts, model: ModelFacts) => string | null;
  /** Whether the owner of the model may make something of this version. */
  readonly mayUse: (model: ModelFacts, parent: Release) => readonly Violation[];
  /** Rules that only this tier has. */
  readonly extraRules: (facts: TuneFacts) => readonly Violation[];
  readonly gates: readonly ReleaseGate[];
  /** Human approvers a release asks for. */
  readonly approvers: number;
  /** Who must agree before a job is queued; null where nobody must. */
  readonly jobApprovers: readonly Role[] | null;
  /** Bases up to this many parameters may be fully tuned; null where size does not matter. */
  readonly fullTuneMaxParameters: number | null;
  /** What a model's card says before a version is submitted for review; `licence` stands beside the card. */
  readonly card: readonly CardItem[];
  /** Whether a version is submitted only when the card says all of that. */
  readonly requiresCard: boolean;
  /** Whether owners other than the viewer's institution see the released versions as a catalogue. */
  readonly isCatalogue: boolean;
}

/** Answers of all gates a policy asks for these very bytes. */
export function gateResults(policy: TierPolicy, facts: GateFacts) {
  return policy.gates.map((gate) => gate.check(facts));
}
