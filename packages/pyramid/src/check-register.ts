import type { CreateModel, Violation } from "@ziggurat/contracts";
import type { ViewerFacts } from "./facts.js";
import type { TierPolicy } from "./tier-policy.js";

/**
 * Asks every rule about a new model, so that the registrar reads all the reasons at once. Who may register at all is
 * `whyNot(…, "register")`; the namespace rule answers alike for institutions that exist and that do not.
 */
export function checkRegister(policy: TierPolicy, viewer: ViewerFacts, request: Pick<CreateModel, "namespace" | "scenario">): Violation[] {
  const namespace = policy.namespace ?? viewer.institution;
  const wantsScenario = policy.namespace === null;
  const rules: readonly (readonly [boolean, Violation])[] = [
    [
      request.namespace === namespace,
      { code: "namespace", detail: `models of tier ${policy.tier} are registered under ${namespace}`, pointer: "/namespace" },
    ],
    [
      !wantsScenario || request.scenario !== undefined,
      { code: "scenario_required", detail: `a model of tier ${policy.tier} names its scenario`, pointer: "/scenario" },
    ],
    [
      wantsScenario || request.scenario === undefined,
      { code: "scenario_tier", detail: `a model of tier ${policy.tier} has no scenario`, pointer: "/scenario" },
    ],
  ];
  return rules.filter(([holds]) => !holds).map(([, violation]) => violation);
}
