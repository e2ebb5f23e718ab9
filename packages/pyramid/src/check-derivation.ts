import type { ArtifactKind, Relation, Seal, Violation } from "@ziggurat/contracts";
import { effectiveTerms, NOWHERE } from "./effective-terms.js";
import type { ModelFacts, ParentClaim, Release } from "./facts.js";
import type { TierPolicy } from "./tier-policy.js";
import { WITHDRAWN_STATES } from "./version-states.js";

/** What a derivation makes of its parents. */
const YIELDS: Record<Relation, ArtifactKind> = {
  pretrained_from: "full",
  finetuned_from: "full",
  distilled_from: "full",
  adapter_of: "adapter",
  merged_from: "merged",
  quantized_from: "quantized",
};
/** Work inside one model: these may use a sealed parent, every other derivation needs a released one. */
const WITHIN_LINE: readonly Relation[] = ["merged_from", "quantized_from"];

export interface DerivationClaim {
  readonly model: ModelFacts;
  readonly artifactKind: ArtifactKind;
  readonly parents: readonly ParentClaim[];
  /** A sealed derivation was allowed when its job was asked for, so a parent deprecated since then still stands. */
  readonly seal: Seal;
}

/** Asks every rule about a version's parents. Pointers lead below `/parents`. */
export function checkDerivation(policy: TierPolicy, claim: DerivationClaim): Violation[] {
  const { parents } = claim;
  const broken = parents.flatMap((parent, index) => checkParent(policy, claim, parent, `/parents/${index}`));
  if (parents.length === 0 && policy.needsParent) {
    broken.push({
      code: "parent_required",
      detail: `a version of tier ${policy.tier} derives from ${policy.parents.join(" or ")}`,
      pointer: "/parents",
    });
  }
  const keys = parents.map(({ ref, relation }) => `${relation} ${ref}`);
  keys.forEach((key, index) => {
    if (keys.indexOf(key) < index) broken.push({ code: "parent_duplicate", detail: `${key} is named twice`, pointer: `/parents/${index}` });
  });
  return [...broken, ...checkTerms(claim)];
}

function checkParent(policy: TierPolicy, claim: DerivationClaim, parent: ParentClaim, pointer: string): Violation[] {
  const { release, relation } = parent;
  if (release === null) return [unknownParent(parent.ref, pointer)];
  const yields = YIELDS[relation];
  const wantsAdapter = relation === "merged_from";
  const rules: readonly (readonly [boolean, Violation])[] = [
    [
      yields === claim.artifactKind,
      { code: "relation_artifact", detail: `${relation} yields a ${yields} artifact, not ${claim.artifactKind}`, pointer },
    ],
    [
      wantsAdapter || release.artifactKind !== "adapter",
      { code: "parent_artifact", detail: `${release.ref} is an adapter; ${relation} needs whole weights`, pointer },
    ],
  ];
  // A job that was let in while the right was in force may bring its result home.
  const use = claim.seal === "sealed" ? [] : policy.mayUse(claim.model, release);
  return [
    ...checkStanding(policy, claim.model, release, relation, claim.seal, pointer),
    ...use.map((violation) => ({ ...violation, pointer })),
    ...rules.filter(([holds]) => !holds).map(([, violation]) => violation),
  ];
}

/** Tier and state of one parent: the rules that no derivation escapes, whoever writes it. */
export function checkStanding(
  policy: TierPolicy,
  model: ModelFacts,
  parent: Release,
  relation: Relation,
  seal: Seal,
  pointer: string,
): Violation[] {
  if (WITHDRAWN_STATES.includes(parent.state)) return [{ code: "parent_withdrawn", detail: `${parent.ref} was ${parent.state}`, pointer }];
  if (parent.isPurged) return [purgedParent(parent.ref, pointer)];
  if (parent.model === model.ref && WITHIN_LINE.includes(relation)) {
    return parent.state === "draft" ? [{ code: "parent_not_sealed", detail: `${parent.ref} is a draft`, pointer }] : [];
  }
  const standing = seal === "sealed" ? ["released", "deprecated", "retired"] : ["released"];
  const rules: readonly (readonly [boolean, Violation])[] = [
    [
      policy.parents.includes(parent.tier),
      {
        code: "parent_tier",
        detail: `${policy.tier} derives from ${policy.parents.join(" or ")}, and ${parent.ref} is ${parent.tier}`,
        pointer,
      },
    ],
    [standing.includes(parent.state), { code: "parent_not_released", detail: `${parent.ref} is ${parent.state}, not released`, pointer }],
  ];
  return rules.filter(([holds]) => !holds).map(([, violation]) => violation);
}

export function unknownParent(ref: string, pointer: string): Violation {
  return { code: "parent_unknown", detail: `there is no version ${ref} that you can see`, pointer };
}

export function purgedParent(ref: string, pointer: string): Violation {
  return { code: "parent_purged", detail: `the files of ${ref}, or of its base, were dropped for good; name another version`, pointer };
}

function checkTerms({ model, parents }: DerivationClaim): Violation[] {
  const terms = effectiveTerms(
    model.terms,
    parents.flatMap(({ release }) => (release === null ? [] : [release.effectiveTerms])),
  );
  return terms.regions.includes(NOWHERE)
    ? [{ code: "terms_conflict", detail: "the regions allowed by the model and its parents have nothing in common", pointer: "/parents" }]
    : [];
}
