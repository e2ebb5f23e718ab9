import { Checkbox, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type Job, Metrics, paths } from "@ziggurat/contracts";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { api } from "../../lib/api-client.js";
import { useKeys } from "../../lib/keys.js";
import { useUrlState } from "../../lib/url-state.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { DataTable } from "../../ui/data-table.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { Panel } from "../../ui/panel.js";
import { Skeleton } from "../../ui/skeleton.js";
import { ViewSwitch } from "../../ui/view-switch.js";
import { curveOf, metricKeys, smooth } from "./chart-data.js";
import type { Live } from "./job-live.js";

const LossChart = lazy(() => import("./loss-chart.js"));
const POINTS = 2000;
const TABLE_ROWS = 200;
const SMOOTHING = ["0", "0.6", "0.9"] as const;
const UrlSchema = z.object({
  metric: z.string().optional(),
  chart: z.enum(["table"]).optional(),
  smooth: z.enum(SMOOTHING).optional(),
  x0: z.coerce.number().optional(),
  x1: z.coerce.number().optional(),
});

/** The curves of a run, as a chart and as a table. */
export function JobMetrics({ job, live }: { readonly job: Job; readonly live: Live }) {
  const { t } = useTranslation("jobs");
  const words = useWords();
  const formats = useFormats();
  const { values, set } = useUrlState(UrlSchema);
  const [isLog, setLog] = useState(false);
  const read = useQuery({
    queryKey: [paths.jobMetrics(job.id), live.isEnded],
    queryFn: ({ signal }) => api.get(paths.jobMetrics(job.id), Metrics, { signal, query: { points: POINTS } }),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before) => before,
  });
  const keys = useMemo(() => metricKeys(read.data?.series ?? [], live.points), [read.data, live.points]);
  const key = values.metric !== undefined && keys.includes(values.metric) ? values.metric : (keys[0] ?? "loss");
  const curve = useMemo(() => curveOf(key, read.data?.series ?? [], live.points), [key, read.data, live.points]);
  const weight = Number(values.smooth ?? "0.6");
  const smoothed = useMemo(() => smooth(curve.values, weight), [curve, weight]);
  const isTable = values.chart === "table";
  const showTable = (isShown: boolean) => set({ chart: isShown ? "table" : undefined });
  useKeys({ t: () => showTable(!isTable) });
  const newestFirst = curve.steps.map((step, index) => ({ step, value: curve.values[index], smoothed: smoothed[index] })).reverse();
  const figure = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? "–" : formats.number(value, 5));
  return (
    <Panel
      title={t("metrics.title")}
      actions={
        <div className="zg-row">
          {keys.length > 1 && (
            <NativeSelect
              aria-label={t("metrics.key")}
              value={key}
              data={keys.map((value) => ({ value, label: words.known("metric", value) }))}
              onChange={(event) => set({ metric: event.currentTarget.value })}
            />
          )}
          <NativeSelect
            aria-label={t("metrics.smoothing")}
            value={values.smooth ?? "0.6"}
            data={SMOOTHING.map((value) => ({ value, label: t("metrics.smooth", { value: formats.number(Number(value)) }) }))}
            onChange={(event) => set({ smooth: event.currentTarget.value })}
          />
          <Checkbox label={t("metrics.log")} checked={isLog} onChange={(event) => setLog(event.currentTarget.checked)} />
          <ViewSwitch
            label={t("metrics.view")}
            value={isTable ? "table" : "chart"}
            onChange={(value) => showTable(value === "table")}
            options={[
              { value: "chart", label: t("metrics.chart") },
              { value: "table", label: t("metrics.table") },
            ]}
          />
        </div>
      }
    >
      <ObjectPart read={read}>
        {() =>
          curve.steps.length === 0 ? (
            <p className="zg-quiet">{t("metrics.empty")}</p>
          ) : isTable ? (
            <div className="zg-metric-table">
              <DataTable
                label={t("metrics.title")}
                rows={newestFirst.slice(0, TABLE_ROWS)}
                rowKey={(row) => String(row.step)}
                columns={[
                  { id: "step", header: t("metrics.step"), cell: (row) => formats.number(row.step) },
                  { id: "value", header: words.known("metric", key), align: "end", cell: (row) => figure(row.value) },
                  { id: "smoothed", header: t("metrics.smoothed"), align: "end", cell: (row) => figure(row.smoothed) },
                ]}
              />
              {newestFirst.length > TABLE_ROWS && <p className="zg-table-foot">{t("metrics.newest", { count: TABLE_ROWS })}</p>}
            </div>
          ) : (
            <Suspense fallback={<Skeleton rows={4} />}>
              <LossChart
                label={words.known("metric", key)}
                curve={curve}
                smoothed={smoothed}
                isLog={isLog}
                range={values.x0 !== undefined && values.x1 !== undefined ? [values.x0, values.x1] : null}
                onRange={(range) => set({ x0: range ? String(range[0]) : undefined, x1: range ? String(range[1]) : undefined })}
              />
              <p className="zg-quiet zg-small zg-number" aria-live="off">
                {t("metrics.last", { step: formats.number(newestFirst[0]?.step ?? 0), value: figure(newestFirst[0]?.value) })}
              </p>
            </Suspense>
          )
        }
      </ObjectPart>
    </Panel>
  );
}
