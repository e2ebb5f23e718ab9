import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Job, paths } from "@ziggurat/contracts";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { api } from "../../../lib/api-client.js";
import { ApiProblem } from "../../../lib/api-problem.js";
import { to } from "../../../lib/console-paths.js";
import { useUrlState } from "../../../lib/url-state.js";
import { Page } from "../../../ui/page.js";
import { ProblemPanel } from "../../../ui/problem-panel.js";
import { ViolationList } from "../../../ui/violation-list.js";
import "../jobs.css";
import { STEPS, type Step, stepOf } from "./draft.js";
import { EstimatePanel } from "./estimate-panel.js";
import { StepBase } from "./step-base.js";
import { StepData } from "./step-data.js";
import { StepList } from "./step-list.js";
import { StepMethod } from "./step-method.js";
import { StepPlan } from "./step-plan.js";
import { StepReview } from "./step-review.js";
import { StepTask } from "./step-task.js";
import { useDraft } from "./use-draft.js";
import { usePlan } from "./use-plan.js";
import "./wizard.css";

const UrlSchema = z.object({ step: z.enum(STEPS).optional(), model: z.string().optional() });

/** A new job in six steps. Every change plans again; what is reviewed is what is sent. */
export function NewJobPage() {
  const { t } = useTranslation("jobs");
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { values, set } = useUrlState(UrlSchema);
  const step = values.step ?? "task";
  const { draft, change, request, forget } = useDraft(values.model ?? "");
  const plan = usePlan(request);
  const isSent = useRef(false);
  const submit = useMutation({
    mutationFn: () => api.send("POST", paths.jobs(), request, Job, { idempotencyKey: draft.idempotencyKey }),
    onSuccess: async (job) => {
      forget();
      await queryClient.invalidateQueries({ queryKey: [paths.jobs()] });
      await navigate({ to: to.job(job.id), replace: true });
    },
    onSettled: () => {
      isSent.current = false;
    },
  });
  const refused = submit.error instanceof ApiProblem ? submit.error.violations : [];
  // A refusal of the very draft that is shown joins what the plan found; any change to the draft makes it old.
  const violations = submit.variables === undefined && refused.length > 0 && plan.violations.length === 0 ? refused : plan.violations;
  const at = STEPS.indexOf(step);
  const goTo = (next: Step) => set({ step: next === "task" ? undefined : next }, "push");
  const send = () => {
    if (isSent.current) return;
    isSent.current = true;
    submit.mutate();
  };
  const parts = { draft, change, violations };
  return (
    <Page title={t("wizard.title")} lead={t("wizard.lead")}>
      <StepList current={step} violations={violations} hasPlan={plan.hasAnswer} onStep={goTo} />
      <div className="zg-columns">
        <form
          className="zg-stack zg-stack-wide"
          onSubmit={(event) => {
            event.preventDefault();
            if (step === "review") send();
            else goTo(STEPS[at + 1] ?? "review");
          }}
        >
          {step === "task" && <StepTask {...parts} />}
          {step === "base" && <StepBase {...parts} />}
          {step === "data" && <StepData {...parts} />}
          {step === "method" && <StepMethod {...parts} />}
          {step === "plan" && <StepPlan plan={plan} violations={violations} onStep={goTo} />}
          {step === "review" && <StepReview {...parts} request={request} onStep={goTo} />}
          {step === "review" && <ViolationList violations={violations} />}
          {submit.error && refused.length === 0 ? <ProblemPanel error={submit.error} /> : null}
          <div className="zg-row">
            {at > 0 && (
              <Button variant="default" onClick={() => goTo(STEPS[at - 1] ?? "task")}>
                {t("wizard.back")}
              </Button>
            )}
            {step === "review" ? (
              <Button type="submit" loading={submit.isPending} disabled={violations.length > 0 || plan.isStale}>
                {t("wizard.submit")}
              </Button>
            ) : (
              <Button type="submit">{t("wizard.next", { step: t(`wizard.step.${STEPS[at + 1] ?? "review"}`) })}</Button>
            )}
            {violations.some((violation) => stepOf(violation) === step) && step !== "review" && (
              <span className="zg-quiet">{t("wizard.problemsHere")}</span>
            )}
          </div>
        </form>
        <EstimatePanel plan={plan} />
      </div>
    </Page>
  );
}
