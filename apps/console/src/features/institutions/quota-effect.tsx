import { useQuery } from "@tanstack/react-query";
import { type JobId, paths, type QuotaDimension, QuotaEffect, type QuotaLimits, type QuotaUse, type Violation } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { shortId } from "../../lib/format.js";
import { useProblemText } from "../../lib/problem-text.js";
import { AppLink } from "../../ui/app-link.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { QuotaBars, useAmounts } from "./quota-bars.js";

/** What these limits would do, asked anew when they change; null limits are not complete yet. */
export function useQuotaEffect(slug: string, limits: QuotaLimits | null) {
  return useQuery({
    queryKey: [paths.quotaPreview(slug), limits],
    enabled: limits !== null,
    queryFn: ({ signal }) => api.send("POST", paths.quotaPreview(slug), { limits }, QuotaEffect, { signal }),
    placeholderData: (before) => before,
    staleTime: 0,
  });
}

interface QuotaEffectViewProps {
  readonly effect: ReturnType<typeof useQuotaEffect>;
  readonly currency: string;
}

/** The bars as they would be, and which jobs would wait or start. */
export function QuotaEffectView({ effect: { data, error, isFetching, refetch }, currency }: QuotaEffectViewProps) {
  const { t } = useTranslation("institutions");
  const refused = useRefusals(currency, data?.after ?? []);
  if (error) return <ProblemPanel error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <p className="zg-quiet">{t("quota.effect.notYet")}</p>;
  return (
    <section
      className={isFetching ? "zg-stack zg-dimmed" : "zg-stack"}
      aria-label={t("quota.effect.title")}
      aria-busy={isFetching}
      aria-live="polite"
    >
      <h3>{t("quota.effect.title")}</h3>
      <QuotaBars label={t("quota.effect.after")} uses={data.after} currency={currency} />
      <ul>
        <JobsLine title={t("quota.effect.wouldWait", { count: data.wouldWait.length })} jobs={data.wouldWait} />
        <JobsLine title={t("quota.effect.wouldStart", { count: data.wouldStart.length })} jobs={data.wouldStart} />
        {data.runningAbove > 0 && <li>{t("quota.effect.runningAbove", { count: data.runningAbove })}</li>}
        {data.refusals.map((violation) => (
          <li key={violation.code}>{t("quota.effect.refuses", { what: refused(violation) })}</li>
        ))}
      </ul>
    </section>
  );
}

const DIMENSION_OF: Readonly<Record<string, QuotaDimension>> = {
  quota_gpus: "gpus",
  quota_gpu_hours: "gpuHours",
  quota_money: "money",
  quota_jobs_queued: "jobsQueued",
  quota_storage: "storageBytes",
};

/** Words a refusal by the bar it comes from: what would be left, in the unit that people use. */
function useRefusals(currency: string, bars: readonly QuotaUse[]): (violation: Violation) => string {
  const { t } = useTranslation("institutions");
  const text = useProblemText();
  const write = useAmounts(currency);
  return (violation) => {
    const bar = bars.find(({ dimension }) => dimension === DIMENSION_OF[violation.code]);
    if (bar?.limit == null) return text.violation(violation);
    const { dimension, limit, used, reserved } = bar;
    const left = Math.max(0, limit.stop - used - reserved);
    return t("quota.effect.left", {
      name: t(`quota.dimension.${dimension}`),
      left: write(dimension, left),
      stop: write(dimension, limit.stop),
    });
  };
}

function JobsLine({ title, jobs }: { readonly title: string; readonly jobs: readonly JobId[] }) {
  return (
    <li>
      {title}
      {jobs.map((id) => (
        <span key={id}>
          {" "}
          <AppLink to={to.job(id)}>#{shortId(id)}</AppLink>
        </span>
      ))}
    </li>
  );
}
