import type { Violation } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useProblemText } from "../../../lib/problem-text.js";
import { StateBadge } from "../../../ui/state-badge.js";
import { type Step, stepOf } from "./draft.js";
import type { PlanState } from "./use-plan.js";

interface StepPlanProps {
  readonly plan: PlanState;
  readonly violations: readonly Violation[];
  readonly onStep: (step: Step) => void;
}

/** What would happen, and every rule that stands in the way, each with the step that mends it. */
export function StepPlan({ plan, violations, onStep }: StepPlanProps) {
  const { t } = useTranslation("jobs");
  const text = useProblemText();
  if (!plan.hasAnswer) return <p>{t("wizard.planNeedsModel")}</p>;
  if (violations.length === 0) {
    return (
      <div className="zg-note" data-tone="good">
        <StateBadge glyph="checked" tone="good" word={t("wizard.planHolds")} />
        <span>{plan.plan?.needsApproval ? t("estimate.needsApproval") : t("estimate.noApproval")}</span>
      </div>
    );
  }
  return (
    <div className="zg-problem" role="alert">
      <strong>{t("wizard.planRefused", { count: violations.length })}</strong>
      <ul>
        {violations.map((violation) => (
          <li key={`${violation.code} ${violation.pointer ?? ""} ${violation.detail}`}>
            {text.violation(violation)}{" "}
            {stepOf(violation) !== "plan" && (
              <button type="button" className="zg-link-button" onClick={() => onStep(stepOf(violation))}>
                {t("wizard.goTo", { step: t(`wizard.step.${stepOf(violation)}`) })}
              </button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
