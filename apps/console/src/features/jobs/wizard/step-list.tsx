import type { Violation } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { StateBadge } from "../../../ui/state-badge.js";
import { STEPS, type Step, stepOf } from "./draft.js";

interface StepListProps {
  readonly current: Step;
  readonly violations: readonly Violation[];
  readonly hasPlan: boolean;
  readonly onStep: (step: Step) => void;
}

/** The six steps; any can be opened, and one with a problem says so. */
export function StepList({ current, violations, hasPlan, onStep }: StepListProps) {
  const { t } = useTranslation("jobs");
  return (
    <nav aria-label={t("wizard.steps")}>
      <ol className="zg-steps">
        {STEPS.map((step, index) => {
          const problems = violations.filter((violation) => stepOf(violation) === step).length;
          return (
            <li key={step}>
              <button type="button" onClick={() => onStep(step)} aria-current={step === current ? "step" : undefined}>
                <span className="zg-step-number">{index + 1}</span>
                <span>{t(`wizard.step.${step}`)}</span>
                {problems > 0 ? (
                  <StateBadge glyph="warning" tone="bad" word={t("wizard.problems", { count: problems })} />
                ) : (
                  hasPlan &&
                  step !== "review" &&
                  (step !== "plan" || violations.length === 0) && <StateBadge glyph="check" tone="good" word="" />
                )}
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
