import { heldOut, type ReleaseGate, referenceScore, verdict } from "@ziggurat/pyramid";

const GATE = "beats_parent";

/** Exact match is above the parent's on every held-out dataset it was scored on, so that no kind dataset hides a loss on another. */
export const beatsParent: ReleaseGate = {
  gate: GATE,
  limit: null,
  detail: "exact match on held-out dialogues is above the parent's",
  check: (facts) => {
    const scores = heldOut(facts).filter(({ exactMatch }) => exactMatch !== null);
    if (scores.length === 0) return verdict(GATE, "missing", "no exact match on held-out dialogues");
    const { reference } = facts;
    if (reference === null) return verdict(GATE, "missing", "there is no parent to compare with");
    const pairs = scores.map((score) => ({
      dataset: score.dataset,
      value: score.exactMatch ?? 0,
      reference: referenceScore(facts, score)?.exactMatch ?? null,
    }));
    const unpaired = pairs.find((pair) => pair.reference === null);
    if (unpaired !== undefined)
      return verdict(GATE, "missing", `${reference.ref} is not scored on ${unpaired.dataset}`, { value: unpaired.value });
    const gain = (pair: (typeof pairs)[number]) => pair.value - (pair.reference ?? 1);
    const worst = pairs.reduce((one, other) => (gain(other) < gain(one) ? other : one));
    const detail = `${worst.value.toFixed(3)} against ${(worst.reference ?? 1).toFixed(3)} of ${reference.ref} on ${worst.dataset}`;
    return verdict(GATE, gain(worst) > 0 ? "passed" : "failed", detail, {
      value: worst.value,
      reference: worst.reference,
      limit: worst.reference,
    });
  },
};
