import type { ExternalRun } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { DataTable } from "./data-table.js";
import { Panel } from "./panel.js";
import { Time } from "./time.js";

/** Runs that programs outside declared about a family. They stand apart from derivations, which the platform vouches for. */
export function ExternalRuns({ runs }: { readonly runs: readonly ExternalRun[] }) {
  const { t } = useTranslation();
  if (runs.length === 0) return null;
  return (
    <Panel title={t("external.title")}>
      <div className="zg-stack">
        <p className="zg-quiet">{t("external.note")}</p>
        <DataTable<ExternalRun>
          label={t("external.title")}
          rows={runs}
          rowKey={({ runId }) => runId}
          columns={[
            { id: "job", header: t("external.job"), cell: ({ job }) => <bdi className="zg-break">{`${job.namespace} ${job.name}`}</bdi> },
            { id: "state", header: t("external.state"), nowrap: true, cell: ({ eventType }) => t(`external.eventType.${eventType}`) },
            { id: "inputs", header: t("external.inputs"), cell: ({ inputs }) => <Names of={inputs} /> },
            { id: "outputs", header: t("external.outputs"), cell: ({ outputs }) => <Names of={outputs} /> },
            { id: "by", header: t("external.declaredBy"), cell: ({ declaredBy }) => <bdi>{declaredBy}</bdi> },
            { id: "at", header: t("external.at"), nowrap: true, cell: ({ eventTime }) => <Time at={eventTime} /> },
          ]}
        />
      </div>
    </Panel>
  );
}

function Names({ of: datasets }: { readonly of: ExternalRun["inputs"] }) {
  if (datasets.length === 0) return "–";
  return datasets.map(({ namespace, name }) => (
    <div key={`${namespace} ${name}`}>
      <bdi className="zg-break" title={namespace}>
        {name}
      </bdi>
    </div>
  ));
}
