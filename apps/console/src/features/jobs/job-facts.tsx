import type { Job } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { shortId } from "../../lib/format.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import { Fact, Facts } from "../../ui/facts.js";
import { Panel } from "../../ui/panel.js";
import { DatasetVersionLink, VersionLink } from "../../ui/ref-link.js";
import { Time } from "../../ui/time.js";
import { JobResourceFacts } from "./job-resources.js";

/** What was asked for, and what came of it. */
export function JobFacts({ job }: { readonly job: Job }) {
  const { t } = useTranslation("jobs");
  const words = useWords();
  const formats = useFormats();
  const lines = (refs: readonly string[]) =>
    refs.length === 0
      ? null
      : refs.map((ref) => (
          <div key={ref}>
            <DatasetVersionLink value={ref} />
          </div>
        ));
  return (
    <Panel title={t("facts.title")}>
      <Facts>
        <Fact term={t("facts.result")}>{job.version ? <VersionLink value={job.version} /> : null}</Fact>
        <Fact term={t("facts.evaluationJobs")}>
          {job.evaluationJobs.length > 0
            ? job.evaluationJobs.map((id) => (
                <div key={id}>
                  <AppLink to={to.job(id)}>#{shortId(id)}</AppLink>
                </div>
              ))
            : null}
        </Fact>
        <Fact term={t("facts.base")}>{job.parent ? <VersionLink value={job.parent} /> : null}</Fact>
        <Fact term={t("facts.datasets")}>{lines(job.datasets)}</Fact>
        <Fact term={t("facts.evaluateOn")}>{lines(job.evaluateOn)}</Fact>
        <Fact term={t("facts.hyperparameters")}>
          {Object.keys(job.hyperparameters).length > 0 ? (
            <dl className="zg-facts zg-facts-tight">
              {Object.entries(job.hyperparameters).map(([name, value]) => (
                <div key={name} className="zg-key-row">
                  <dt>{words.known("hyperparameter", name)}</dt>
                  <dd className="zg-mono">
                    {Array.isArray(value) ? value.join(", ") : typeof value === "object" ? JSON.stringify(value) : String(value)}
                  </dd>
                </div>
              ))}
            </dl>
          ) : null}
        </Fact>
        <JobResourceFacts job={job} />
        <Fact term={t("facts.seed")}>{job.seed}</Fact>
        <Fact term={t("facts.tokens")}>{job.tokens === null ? null : formats.compact(job.tokens)}</Fact>
        <Fact term={t("facts.trainTime")}>{job.trainSeconds === null ? null : formats.duration(job.trainSeconds)}</Fact>
        <Fact term={t("facts.speed")}>
          {job.tokensPerSecond === null ? null : t("progress.speed", { speed: formats.number(job.tokensPerSecond, 0) })}
        </Fact>
        <Fact term={t("facts.requestedBy")}>
          <bdi>{job.requestedBy.name}</bdi>
        </Fact>
        <Fact term={t("facts.approvedBy")}>
          {job.approvals.length > 0 ? <bdi>{job.approvals.map((approval) => approval.name).join(", ")}</bdi> : null}
        </Fact>
        <Fact term={t("facts.created")}>
          <Time at={job.createdAt} />
        </Fact>
        <Fact term={t("facts.finished")}>{job.finishedAt ? <Time at={job.finishedAt} /> : null}</Fact>
        <Fact term={t("facts.reason")}>{job.reason ? <span dir="auto">{job.reason}</span> : null}</Fact>
      </Facts>
    </Panel>
  );
}
