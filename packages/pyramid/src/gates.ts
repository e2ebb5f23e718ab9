import type { GateResult, RemoteCode, VersionState } from "@ziggurat/contracts";

/** One stored score of exact bytes on a held-out dataset version. */
export interface Score {
  readonly dataset: string;
  readonly datasetSha256: string;
  /** Exactly one is set. */
  readonly exactMatch: number | null;
  readonly perplexity: number | null;
}

/** What gates may look at. Scores are the newest per dataset version, and only of the bytes named by the root digest. */
export interface GateFacts {
  readonly licence: string | null;
  readonly scores: readonly Score[];
  /** Scores of the version it must beat: its parent, or its adapter's base after merging and quantising. Null without one. */
  readonly reference: { readonly ref: string; readonly scores: readonly Score[] } | null;
  /** Digests of the data it was trained on: a score on these is not held-out and counts for nothing. */
  readonly trainedOn: readonly string[];
  /** Datasets its own job was asked to score it on, and whether that scoring failed. */
  readonly ordered: readonly string[];
  readonly evaluationFailed: boolean;
  /** Files that bring code a loader would run, and what of them does. */
  readonly remoteCode: readonly RemoteCode[];
  /** Ancestors that were withdrawn, with their states. */
  readonly withdrawnAncestors: readonly { readonly ref: string; readonly state: VersionState }[];
}

/** One thing that must hold before release. `limit` and `detail` are what `GET /policies/{tier}` shows. */
export interface ReleaseGate {
  readonly gate: string;
  readonly limit: number | null;
  readonly detail: string;
  readonly check: (facts: GateFacts) => GateResult;
}

/** A verdict with its numbers; what is not given is null. */
export function verdict(
  gate: string,
  outcome: GateResult["verdict"],
  detail: string,
  numbers: Partial<Pick<GateResult, "value" | "reference" | "limit">> = {},
): GateResult {
  return { gate, verdict: outcome, detail, value: null, reference: null, limit: null, ...numbers };
}

/** Scores on data it was not trained on. */
export function heldOut(facts: GateFacts): readonly Score[] {
  return facts.scores.filter((score) => !facts.trainedOn.includes(score.datasetSha256));
}

/** The reference's score on the same data, by digest and name. */
export function referenceScore(facts: GateFacts, score: Score): Score | undefined {
  return facts.reference?.scores.find((other) => other.dataset === score.dataset && other.datasetSha256 === score.datasetSha256);
}

/** Nothing it stands on has been withdrawn. Asked by every tier. */
export const ancestryStands: ReleaseGate = {
  gate: "ancestry",
  limit: null,
  detail: "no ancestor is quarantined or recalled",
  check: ({ withdrawnAncestors }) =>
    withdrawnAncestors.length === 0
      ? verdict("ancestry", "passed", "every ancestor stands")
      : verdict("ancestry", "failed", withdrawnAncestors.map(({ ref, state }) => `${ref} is ${state}`).join(", ")),
};

/** Nothing in it has a loader run somebody's code. Asked by every tier. */
export const noRemoteCode: ReleaseGate = {
  gate: "remote_code",
  limit: null,
  detail: "no file brings code that a loader would run",
  check: ({ remoteCode }) =>
    remoteCode.length === 0
      ? verdict("remote_code", "passed", "no file brings code")
      : verdict("remote_code", "failed", remoteCode.map(({ path, detail }) => `${path}: ${detail}`).join("; ")),
};

/** Every score that its own job ordered is there. A failed evaluation is made good by a later one on the same data. */
export const evaluationComplete: ReleaseGate = {
  gate: "evaluation",
  limit: null,
  detail: "scored on every held-out dataset its job ordered, and on at least one",
  check: (facts) => {
    const scored = heldOut(facts).map((score) => score.dataset);
    const missing = facts.ordered.filter((dataset) => !scored.includes(dataset));
    if (missing.length > 0) {
      return verdict("evaluation", facts.evaluationFailed ? "failed" : "missing", `not scored on ${missing.join(", ")}`);
    }
    return scored.length === 0
      ? verdict("evaluation", "missing", "not scored on any held-out dataset")
      : verdict("evaluation", "passed", `scored on ${[...new Set(scored)].join(", ")}`, { value: scored.length });
  },
};
