import type { Attempt, Job } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { DataTable } from "../../ui/data-table.js";
import { Panel } from "../../ui/panel.js";
import { Time } from "../../ui/time.js";

export function JobAttempts({ job }: { readonly job: Job }) {
  const { t } = useTranslation("jobs");
  return (
    <Panel title={t("attempts.title")} flush>
      <DataTable<Attempt>
        label={t("attempts.title")}
        rows={job.attempts}
        rowKey={(attempt) => attempt.id}
        columns={[
          { id: "number", header: t("attempts.number"), cell: (attempt) => attempt.number },
          { id: "state", header: t("attempts.state"), nowrap: true, cell: (attempt) => t(`attempts.stateWord.${attempt.state}`) },
          { id: "cluster", header: t("attempts.cluster"), cell: (attempt) => <bdi>{attempt.cluster}</bdi> },
          {
            id: "started",
            header: t("attempts.started"),
            nowrap: true,
            cell: (attempt) => (attempt.startedAt ? <Time at={attempt.startedAt} /> : "–"),
          },
          {
            id: "ended",
            header: t("attempts.ended"),
            nowrap: true,
            cell: (attempt) => (attempt.endedAt ? <Time at={attempt.endedAt} /> : "–"),
          },
          {
            id: "exit",
            header: t("attempts.exit"),
            cell: (attempt) => (attempt.failure ? t(`failure.class.${attempt.failure.class}`) : (attempt.exitCode ?? "–")),
          },
        ]}
      />
    </Panel>
  );
}
