import { type CreateJob, METHODS_OF_KIND, type Method, type Violation } from "@ziggurat/contracts";
import { checkDatasets } from "./check-datasets.js";
import { checkStanding, purgedParent, unknownParent } from "./check-derivation.js";
import { allowsRegion } from "./effective-terms.js";
import type { ModelFacts, Release, TuneClaim } from "./facts.js";
import { resolveHyperparameters } from "./hyperparameters.js";
import { methodOf, needsBase, RELATION_OF_METHOD } from "./methods.js";
import type { TierPolicy } from "./tier-policy.js";
import { WITHDRAWN_STATES } from "./version-states.js";

/**
 * Asks every rule about a job, so that the requester reads all the reasons at once. Pointers lead into the body of
 * `POST /jobs`. Who may ask at all is `whyNot(…, "contribute")`.
 */
export function checkTune(policy: TierPolicy, claim: TuneClaim): Violation[] {
  const { request, model, parent } = claim;
  const method = methodOf(request.kind, request.method);
  if (method === null) {
    const known = METHODS_OF_KIND[request.kind].join(" or ");
    return [
      { code: "method_required", detail: `a job of kind ${request.kind} names its method: ${known}`, pointer: "/method" },
      ...checkDatasets(policy, claim, null),
    ];
  }
  const checked = resolveHyperparameters(policy, method, request.hyperparameters);
  return [
    ...checkMethod(policy, request, method),
    ...checkBase(policy, claim, method),
    ...(parent === null ? [] : policy.mayUse(model, parent).map((violation) => ({ ...violation, pointer: "/parent" }))),
    ...checkTermsOf(model, parent),
    ...policy.extraRules({ method, kind: request.kind, model, parent }),
    ...checkDatasets(policy, claim, method),
    ...(checked.ok ? [] : checked.violations),
  ];
}

function checkMethod(policy: TierPolicy, request: CreateJob, method: Method): Violation[] {
  if (!METHODS_OF_KIND[request.kind].includes(method)) {
    return [{ code: "method_kind", detail: `${method} is not a method of kind ${request.kind}`, pointer: "/method" }];
  }
  const isOffered = method === "evaluate" || policy.methods.includes(method);
  return isOffered ? [] : [{ code: "method", detail: `${method} is not offered at tier ${policy.tier}`, pointer: "/method" }];
}

function checkBase(policy: TierPolicy, claim: TuneClaim, method: Method): Violation[] {
  const { request, model, parent } = claim;
  const pointer = "/parent";
  if (!needsBase(method)) {
    const refused = { code: "parent_forbidden", detail: `${method} starts from random weights and has no parent`, pointer };
    return request.parent === undefined ? [] : [refused];
  }
  if (request.parent === undefined) return [{ code: "parent_required", detail: `${method} needs a parent version`, pointer }];
  if (parent === null) return [unknownParent(request.parent, pointer)];
  if (method === "evaluate") return checkScored(policy, model, parent, pointer);
  const relation = RELATION_OF_METHOD[method];
  const standing = relation === null ? [] : checkStanding(policy, model, parent, relation, "declared", pointer);
  const isAdapter = parent.artifactKind === "adapter";
  if (method === "merge") {
    const rules: readonly (readonly [boolean, Violation])[] = [
      [isAdapter, { code: "parent_artifact", detail: `${parent.ref} is not an adapter, so there is nothing to merge`, pointer }],
      [parent.model === model.ref, { code: "parent_line", detail: `an adapter is merged inside its own model ${parent.model}`, pointer }],
    ];
    return [...standing, ...rules.filter(([holds]) => !holds).map(([, violation]) => violation)];
  }
  const adapter = { code: "parent_artifact", detail: `${parent.ref} is an adapter; merge it first`, pointer };
  return isAdapter ? [...standing, adapter] : standing;
}

/** An evaluation scores the line's own sealed versions, or a release the line could derive from. */
function checkScored(policy: TierPolicy, model: ModelFacts, scored: Release, pointer: string): Violation[] {
  if (WITHDRAWN_STATES.includes(scored.state)) return [{ code: "parent_withdrawn", detail: `${scored.ref} was ${scored.state}`, pointer }];
  if (scored.isPurged) return [purgedParent(scored.ref, pointer)];
  if (scored.state === "draft") return [{ code: "parent_not_sealed", detail: `${scored.ref} is a draft`, pointer }];
  if (scored.model === model.ref) return [];
  const rules: readonly (readonly [boolean, Violation])[] = [
    [
      policy.parents.includes(scored.tier),
      { code: "parent_tier", detail: `${policy.tier} scores its own versions and releases of ${policy.parents.join(" or ")}`, pointer },
    ],
    [
      scored.state === "released" || scored.state === "deprecated",
      { code: "parent_not_released", detail: `${scored.ref} is ${scored.state}, not released`, pointer },
    ],
  ];
  return rules.filter(([holds]) => !holds).map(([, violation]) => violation);
}

function checkTermsOf(model: ModelFacts, parent: Release | null): Violation[] {
  if (parent === null || allowsRegion(parent.effectiveTerms, model.region)) return [];
  const regions = parent.effectiveTerms.regions.join(", ");
  return [
    {
      code: "terms_region",
      detail: `${parent.ref} may only be used in ${regions}, not in ${model.region ?? "an unknown region"}`,
      pointer: "/parent",
    },
  ];
}
