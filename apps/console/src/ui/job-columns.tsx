import type { Job } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../lib/console-paths.js";
import { shortId } from "../lib/format.js";
import { useFormats } from "../lib/use-formats.js";
import { useWords } from "../lib/words.js";
import { AppLink } from "./app-link.js";
import type { Column } from "./data-table.js";
import { VersionLink } from "./ref-link.js";
import { JobStateBadge } from "./state-badge.js";
import { TierMark } from "./tier-mark.js";
import { Time } from "./time.js";

/** Columns of a list of jobs. */
export function useJobColumns(): readonly Column<Job>[] {
  const { t } = useTranslation();
  const words = useWords();
  const formats = useFormats();
  return [
    { id: "id", header: t("jobColumn.job"), nowrap: true, cell: (job) => <AppLink to={to.job(job.id)}>#{shortId(job.id)}</AppLink> },
    { id: "state", header: t("jobColumn.state"), nowrap: true, cell: (job) => <JobStateBadge state={job.state} /> },
    { id: "kind", header: t("jobColumn.kind"), nowrap: true, cell: (job) => words.t(`jobKind.${job.kind}`) },
    {
      id: "model",
      header: t("jobColumn.model"),
      cell: (job) => (
        <span className="zg-ref">
          <TierMark tier={job.tier} short />
          <AppLink to={to.model(job.model)} className="zg-clip">
            <bdi>{job.model}</bdi>
          </AppLink>
        </span>
      ),
    },
    { id: "method", header: t("jobColumn.method"), nowrap: true, cell: (job) => words.t(`method.${job.method}`) },
    { id: "parent", header: t("jobColumn.parent"), cell: (job) => (job.parent ? <VersionLink value={job.parent} /> : "–") },
    {
      id: "progress",
      header: t("jobColumn.progress"),
      align: "end",
      nowrap: true,
      cell: (job) => (job.progress && job.progress.steps > 0 ? formats.share(job.progress.step / job.progress.steps) : "–"),
    },
    {
      id: "by",
      header: t("jobColumn.requestedBy"),
      cell: (job) => (
        <bdi className="zg-clip zg-clip-short" title={job.requestedBy.name}>
          {job.requestedBy.name}
        </bdi>
      ),
    },
    { id: "created", header: t("jobColumn.created"), nowrap: true, cell: (job) => <Time at={job.createdAt} /> },
  ];
}
