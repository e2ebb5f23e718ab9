import { ADMIN_ROLES, DEEDS, METHODS_OF_KIND, type Method, TIERS, type Tier, VERSION_STATES } from "@ziggurat/contracts";
import { aDataset, aModel, aRelease, gateFacts } from "./builders.js";
import { checkStanding } from "./check-derivation.js";
import { resolveHyperparameters } from "./hyperparameters.js";
import { needsBase, RELATION_OF_METHOD } from "./methods.js";
import { rolesFor } from "./permissions.js";
import { gateResults, type TierPolicy } from "./tier-policy.js";

/** One promise every tier keeps. `problems` is empty when it does. */
export interface ConformanceCase {
  readonly guarantee: string;
  readonly problems: (policy: TierPolicy) => readonly string[];
}

/** A small architecture: the only hyperparameters that no tier may have a default for are a model's shape and vocabulary. */
const SHAPE = {
  vocabSize: 2000,
  architecture: { hiddenSize: 64, layers: 2, heads: 4, kvHeads: 2, headDim: 16, intermediateSize: 128 },
};
const RELATED: Partial<Record<string, string>> = { full: "finetuned_from", adapter: "adapter_of", merged: "merged_from" };

/** What each tier runs in its own tests: `it.each(conformance)("$guarantee", …)`. */
export const conformance: readonly ConformanceCase[] = [
  {
    guarantee: "every method yields an artifact and has defaults its contract accepts",
    problems: (policy) =>
      policy.methods.flatMap((method) => {
        const checked = resolveHyperparameters(policy, method, method === "pretrain" ? SHAPE : {});
        return [
          ...(policy.artifacts[method] === undefined ? [`${method} yields nothing`] : []),
          ...(checked.ok ? [] : checked.violations.map(({ detail }) => `${method}: ${detail}`)),
        ];
      }),
  },
  {
    guarantee: "no default, artifact or method is left over",
    problems: (policy) =>
      [...Object.keys(policy.artifacts), ...Object.keys(policy.defaults)].filter(
        (name) => name !== "evaluate" && !policy.methods.some((method) => method === name),
      ),
  },
  {
    guarantee: "evaluations are not offered as a way to make a version",
    problems: (policy) => METHODS_OF_KIND.evaluate.filter((method) => policy.methods.includes(method)),
  },
  {
    guarantee: "an artifact fits the relation its method writes",
    problems: (policy) => policy.methods.filter((method) => !fits(policy, method)),
  },
  {
    guarantee: "a tier derives from itself or from below, never from above",
    problems: (policy) => policy.parents.filter((tier) => rank(tier) > rank(policy.tier)),
  },
  {
    guarantee: "a parent of another tier is refused",
    problems: (policy) =>
      TIERS.filter((tier) => !policy.parents.includes(tier) && standing(policy, aRelease({ tier, model: "other/line" })) === 0),
  },
  {
    guarantee: "a parent that is not released is refused",
    problems: (policy) =>
      policy.parents.flatMap((tier) =>
        VERSION_STATES.filter((state) => state !== "released" && standing(policy, aRelease({ tier, state, model: "other/line" })) === 0),
      ),
  },
  {
    guarantee: "a released parent of a fitting tier is welcome",
    problems: (policy) => policy.parents.filter((tier) => standing(policy, aRelease({ tier, model: "other/line" })) > 0),
  },
  {
    guarantee: "nothing is released without proof",
    problems: (policy) =>
      gateResults(policy, gateFacts()).every(({ verdict }) => verdict === "passed") ? ["all gates pass on nothing"] : [],
  },
  {
    guarantee: "a withdrawn ancestor blocks every release",
    problems: (policy) => {
      const facts = gateFacts({ withdrawnAncestors: [{ ref: "finance/base@1", state: "recalled" }] });
      return gateResults(policy, facts).some(({ verdict }) => verdict === "failed") ? [] : ["no gate fails"];
    },
  },
  {
    guarantee: "code that a loader would run blocks every release",
    problems: (policy) => {
      const facts = gateFacts({ remoteCode: [{ path: "modeling.py", detail: "modeling.py is code that a loader may import" }] });
      const found = gateResults(policy, facts).find(({ gate }) => gate === "remote_code");
      return found?.verdict === "failed" && found.detail.includes("modeling.py") ? [] : ["no gate fails, or it does not name the file"];
    },
  },
  {
    guarantee: "gates have names of their own and answer under them",
    problems: (policy) => {
      const names = policy.gates.map(({ gate }) => gate);
      const answers = gateResults(policy, gateFacts()).map(({ gate }) => gate);
      return names.filter((name, index) => names.indexOf(name) < index || answers[index] !== name);
    },
  },
  {
    guarantee: "an institution's data never reaches another owner's model",
    problems: (policy) => {
      const model = aModel({ tier: policy.tier });
      const foreign = aDataset({ ref: "southbank/calls@1", owner: "southbank" });
      return policy.data(foreign, model) === null ? ["southbank's data is accepted"] : [];
    },
  },
  {
    guarantee: "no administrator approves by being one",
    problems: (policy) => policy.approvingRoles.filter((role) => ADMIN_ROLES.includes(role)),
  },
  {
    guarantee: "somebody may do every deed",
    problems: (policy) => DEEDS.filter((deed) => rolesFor(policy, deed).length === 0),
  },
];

function standing(policy: TierPolicy, parent: ReturnType<typeof aRelease>): number {
  return checkStanding(policy, aModel({ tier: policy.tier }), parent, "finetuned_from", "declared", "/parent").length;
}

function fits(policy: TierPolicy, method: Method): boolean {
  const artifact = policy.artifacts[method] ?? "";
  const relation = RELATION_OF_METHOD[method];
  return needsBase(method)
    ? relation === RELATED[artifact] || (relation === "pretrained_from" && artifact === "full")
    : artifact === "full";
}

function rank(tier: Tier): number {
  return TIERS.indexOf(tier);
}
