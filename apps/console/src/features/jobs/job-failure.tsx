import type { Job } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { useProblemText } from "../../lib/problem-text.js";
import { AppLink } from "../../ui/app-link.js";

/** Why the last attempt failed and what to do, and what a failed evaluation means. */
export function JobFailure({ job }: { readonly job: Job }) {
  const { t } = useTranslation("jobs");
  const text = useProblemText();
  const failure = job.state === "failed" ? job.attempts.at(-1)?.failure : null;
  return (
    <>
      {failure && (
        <div className="zg-problem" role="alert">
          <strong>{t("failure.title", { name: t(`failure.class.${failure.class}`) })}</strong>
          <span>{text.failure(failure.class, failure.remedy)}</span>
          <pre className="zg-failure-detail" dir="auto">
            {failure.detail}
          </pre>
        </div>
      )}
      {job.evaluationFailed && (
        <div className="zg-note" data-tone="warning">
          {t("evaluationFailed")}
        </div>
      )}
      {job.flaggedBy && (
        <div className="zg-note" data-tone="warning" role="alert">
          <AppLink to={to.recallVersions(job.flaggedBy)}>{t("flagged")}</AppLink>
        </div>
      )}
      {job.state === "no_signal" && (
        <div className="zg-note" data-tone="warning">
          {t("noSignal")}
        </div>
      )}
    </>
  );
}
