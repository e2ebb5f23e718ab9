import { Textarea } from "@mantine/core";
import type { CreateJobInput } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useWords } from "../../../lib/words.js";
import { Fact, Facts } from "../../../ui/facts.js";
import { Panel } from "../../../ui/panel.js";
import { VersionName } from "../../../ui/ref-link.js";
import type { Step } from "./draft.js";
import { useFieldError } from "./field-error.js";
import type { StepProps } from "./step-task.js";

interface StepReviewProps extends StepProps {
  readonly request: CreateJobInput;
  readonly onStep: (step: Step) => void;
}

/** The request in words, and to the letter as it will be sent. */
export function StepReview({ draft, change, violations, request }: StepReviewProps) {
  const { t } = useTranslation("jobs");
  const words = useWords();
  const errorAt = useFieldError(violations);
  const names = (refs: readonly string[]) =>
    refs.length === 0
      ? t("wizard.nothing")
      : refs.map((ref) => (
          <div key={ref}>
            <VersionName value={ref} />
          </div>
        ));
  return (
    <div className="zg-stack">
      <Facts>
        <Fact term={t("wizard.kind")}>{words.t(`jobKindLong.${request.kind}`)}</Fact>
        <Fact term={t("wizard.model")}>
          <bdi>{request.model || t("wizard.nothing")}</bdi>
        </Fact>
        <Fact term={t("wizard.base")}>{request.parent ? names([request.parent]) : t("wizard.nothing")}</Fact>
        <Fact term={t("wizard.datasets")}>{names(draft.datasets)}</Fact>
        <Fact term={t("wizard.evaluateOn")}>{names(draft.evaluateOn)}</Fact>
        <Fact term={t("wizard.method")}>{words.t(`method.${draft.method}`)}</Fact>
        <Fact term={t("wizard.seed")}>{request.seed}</Fact>
      </Facts>
      <Textarea
        label={t("reason")}
        autosize
        minRows={2}
        maxLength={2000}
        value={draft.reason}
        error={errorAt("/reason")}
        onChange={(event) => change({ reason: event.currentTarget.value })}
      />
      <Panel title={t("wizard.body")} flush>
        <pre className="zg-pre zg-request" data-testid="request-body">
          {JSON.stringify(request, null, 2)}
        </pre>
      </Panel>
    </div>
  );
}
