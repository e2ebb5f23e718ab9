import { useTranslation } from "react-i18next";
import { useFormats } from "../../../lib/use-formats.js";
import { Fact, Facts } from "../../../ui/facts.js";
import { Panel } from "../../../ui/panel.js";
import { ProblemPanel } from "../../../ui/problem-panel.js";
import { QuotaFacts } from "./quota-facts.js";
import type { PlanState } from "./use-plan.js";

/** The estimate of the request as it stands; the one before stays, dimmed, until the new one comes, then the difference shows. */
export function EstimatePanel({ plan }: { readonly plan: PlanState }) {
  const { t, i18n } = useTranslation("jobs");
  const formats = useFormats();
  const estimate = plan.plan?.estimate;
  const before = plan.before?.estimate;
  const difference = (now: number, then: number | undefined) =>
    then === undefined || then === 0 || then === now ? null : (
      <span className="zg-quiet"> {t("estimate.change", { share: formats.share(now / then - 1), direction: now > then ? "+" : "" })}</span>
    );
  return (
    <Panel title={t("estimate.title")}>
      <div className="zg-stack">
        {plan.error ? <ProblemPanel error={plan.error} onRetry={plan.retry} /> : null}
        {!plan.hasAnswer && !plan.error && <p className="zg-quiet">{t("estimate.notYet")}</p>}
        {plan.hasAnswer && (
          <div className={plan.isStale ? "zg-stack zg-dimmed" : "zg-stack"} aria-busy={plan.isStale} aria-live="polite">
            {estimate ? (
              <Facts>
                <Fact term={t("estimate.memory")}>
                  <span>
                    {formats.bytes(estimate.memoryBytes)}
                    {difference(estimate.memoryBytes, before?.memoryBytes)}
                  </span>
                </Fact>
                <Fact term={t("estimate.time")}>
                  <span>
                    {formats.durationRange(estimate.seconds.low, estimate.seconds.high)}
                    {difference(estimate.seconds.high, before?.seconds.high)}
                  </span>
                </Fact>
                {plan.plan && <QuotaFacts plan={plan.plan} />}
                <Fact term={t("estimate.tokens")}>{estimate.tokens === null ? null : formats.compact(estimate.tokens)}</Fact>
                <Fact term={t("estimate.parameters")}>{estimate.parameters === null ? null : formats.compact(estimate.parameters)}</Fact>
                <Fact term={t("estimate.approval")}>
                  {plan.plan?.needsApproval ? t("estimate.needsApproval") : t("estimate.noApproval")}
                </Fact>
                <Fact term={t("estimate.basis")}>
                  <span className="zg-quiet">{i18n.language === "en" ? estimate.basis : t("estimate.basisText")}</span>
                </Fact>
              </Facts>
            ) : (
              <p className="zg-quiet">{t("estimate.none")}</p>
            )}
            {plan.violations.length > 0 && <p>{t("estimate.refused", { count: plan.violations.length })}</p>}
          </div>
        )}
      </div>
    </Panel>
  );
}
