import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Job, paths } from "@ziggurat/contracts";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { shortId } from "../../lib/format.js";
import { polling } from "../../lib/query-client.js";
import { useRouteParam } from "../../lib/route-param.js";
import { useMe } from "../../lib/session.js";
import { useNow } from "../../lib/use-delayed.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import { ObjectPage } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { Spine } from "../../ui/spine.js";
import { JobStateBadge } from "../../ui/state-badge.js";
import { TierMark } from "../../ui/tier-mark.js";
import { JobActions } from "./job-actions.js";
import { JobAttempts } from "./job-attempts.js";
import { JobFacts } from "./job-facts.js";
import { JobFailure } from "./job-failure.js";
import { JobLogs } from "./job-logs.js";
import { JobMetrics } from "./job-metrics.js";
import { JobProgress } from "./job-progress.js";
import { isFinished, isWaiting } from "./job-states.js";
import { JobTrack } from "./job-track.js";
import "./jobs.css";
import { useJobLive } from "./use-job-live.js";
import { WaitingPanel } from "./waiting-panel.js";

/** One job, rebuilt from the server at any moment; live events only append. */
export function JobPage() {
  const id = useRouteParam("id");
  const read = useQuery({
    queryKey: [paths.job(id)],
    queryFn: ({ signal }) => api.get(paths.job(id), Job, { signal }),
    ...polling,
  });
  return <ObjectPage read={read}>{(job) => <JobView key={job.id} job={job} readAt={read.dataUpdatedAt} />}</ObjectPage>;
}

function JobView({ job, readAt }: { readonly job: Job; readonly readAt: number }) {
  const { t } = useTranslation("jobs");
  const words = useWords();
  const queryClient = useQueryClient();
  // What a run says is its institution's own; the platform's people see how a job goes, not what it says.
  const isOwn = useMe().institution.slug === job.owner;
  const { live, staleSince } = useJobLive(job, isOwn);
  useEffect(() => {
    if (live.changes > 0) void queryClient.invalidateQueries({ queryKey: [paths.job(job.id)] });
  }, [live.changes, job.id, queryClient]);
  const title = t("pageTitle", { id: shortId(job.id), model: job.model });
  const hasRun = job.attempts.length > 0;
  return (
    <Page
      title={title}
      heading={
        <>
          <AppLink to={to.model(job.model)}>
            <bdi>{job.model}</bdi>
          </AppLink>{" "}
          <span className="zg-quiet">#{shortId(job.id)}</span>
        </>
      }
      above={
        job.version || job.parent ? (
          <Spine version={job.version ?? job.parent ?? ""} tail={job.version ? undefined : `#${shortId(job.id)}`} />
        ) : null
      }
      beside={
        <>
          <TierMark tier={job.tier} />
          <span aria-live="polite">
            <JobStateBadge state={job.state} />
          </span>
          <span className="zg-quiet">
            {words.t(`jobKind.${job.kind}`)} · {words.t(`method.${job.method}`)}
          </span>
        </>
      }
      lead={job.stateReason && !isWaiting(job.state) ? <span dir="auto">{job.stateReason}</span> : undefined}
      actions={<JobActions job={job} />}
    >
      <StaleNote since={staleSince} readAt={readAt} />
      <JobTrack job={job} />
      <JobFailure job={job} />
      {job.yielding !== null && (
        <p className="zg-note" role="status">
          {t(`yielding.${job.yielding.kind}`)}
        </p>
      )}
      {isWaiting(job.state) ? <WaitingPanel job={job} /> : <JobProgress job={job} progress={live.progress ?? job.progress} />}
      {hasRun && !isOwn && <p className="zg-note">{t("contentsHidden", { owner: job.owner })}</p>}
      {hasRun && isOwn && (
        <div className="zg-job-panes">
          <JobMetrics job={job} live={live} />
          <JobLogs job={job} logEvents={live.logEvents} isLive={!isFinished(job.state) && staleSince === null} />
        </div>
      )}
      <div className="zg-halves">
        <JobFacts job={job} />
        {hasRun && <JobAttempts job={job} />}
      </div>
    </Page>
  );
}

/** Says that the stream broke, and how old what is shown has become. */
function StaleNote({ since, readAt }: { readonly since: number | null; readonly readAt: number }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const now = useNow(since !== null);
  if (since === null) return null;
  const from = Math.max(since, readAt);
  return (
    <div className="zg-note" data-tone="warning" role="status">
      {t("stale", { time: formats.clock(from), age: formats.duration(Math.max(0, (now - from) / 1000)) })}
    </div>
  );
}
