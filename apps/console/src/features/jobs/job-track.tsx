import type { Job } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { JobStateBadge } from "../../ui/state-badge.js";
import { trackOf } from "./job-states.js";

/** The states a job went through with their times, and what lies ahead. */
export function JobTrack({ job }: { readonly job: Job }) {
  const { t } = useTranslation("jobs");
  const words = useWords();
  const formats = useFormats();
  return (
    <ol className="zg-track" aria-label={t("track")}>
      {trackOf(job).map((step, index) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: a state can come twice, and steps are only appended
          key={`${step.state} ${index}`}
          data-ahead={step.at === null || undefined}
          aria-current={step.isCurrent ? "step" : undefined}
          title={step.reason ?? undefined}
        >
          {step.at === null ? <span>{words.t(`jobState.${step.state}`)}</span> : <JobStateBadge state={step.state} />}
          {step.at && (
            <time dateTime={step.at} title={formats.time(step.at)} className="zg-quiet zg-small zg-number">
              {formats.clock(step.at)}
            </time>
          )}
        </li>
      ))}
    </ol>
  );
}
