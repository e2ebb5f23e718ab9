import type { GateResult } from "@ziggurat/contracts";
import { type GateFacts, heldOut, type ReleaseGate, referenceScore, verdict } from "@ziggurat/pyramid";

/** How much worse a finance model may be on general text than what it derives from. */
export const GENERAL_LIMIT = 1.25;

/** Perplexity on finance text is below the parent's: the whole point of the tier. */
export const financeImproved: ReleaseGate = {
  gate: "finance_perplexity",
  limit: 1,
  detail: "perplexity on held-out finance text is below the parent's",
  check: (facts) => compare("finance_perplexity", facts, "finance", (ratio) => ratio < 1, 1),
};

/** Perplexity on general text has not grown by more than {@link GENERAL_LIMIT}: the guard against forgetting. */
export const generalKept: ReleaseGate = {
  gate: "general_perplexity",
  limit: GENERAL_LIMIT,
  detail: `perplexity on held-out general text is at most ${GENERAL_LIMIT} times the parent's`,
  check: (facts) => compare("general_perplexity", facts, "foundation", (ratio) => ratio <= GENERAL_LIMIT, GENERAL_LIMIT),
};

/** Every held-out text dataset of the namespace counts, and the worst one decides: no picking of the kindest. */
function compare(gate: string, facts: GateFacts, namespace: string, holds: (ratio: number) => boolean, limit: number): GateResult {
  const scores = heldOut(facts).filter(({ dataset, perplexity }) => dataset.startsWith(`${namespace}/`) && perplexity !== null);
  if (scores.length === 0) return verdict(gate, "missing", `not scored on held-out text of ${namespace}/*`, { limit });
  if (facts.reference === null) return verdict(gate, "missing", "there is no parent to compare with", { limit });
  const pairs = scores.map((score) => {
    const value = score.perplexity ?? Number.POSITIVE_INFINITY;
    const reference = referenceScore(facts, score)?.perplexity ?? null;
    return { dataset: score.dataset, value, reference, ratio: reference === null ? null : value / reference };
  });
  const unpaired = pairs.find(({ ratio }) => ratio === null);
  if (unpaired !== undefined) {
    return verdict(gate, "missing", `${facts.reference.ref} is not scored on ${unpaired.dataset}`, { value: unpaired.value, limit });
  }
  const worst = pairs.reduce((one, other) => ((other.ratio ?? 0) > (one.ratio ?? 0) ? other : one));
  const ratio = worst.ratio ?? Number.POSITIVE_INFINITY;
  const detail = `${ratio.toFixed(3)} times the perplexity of ${facts.reference.ref} on ${worst.dataset}`;
  return verdict(gate, holds(ratio) ? "passed" : "failed", detail, { value: worst.value, reference: worst.reference, limit });
}
