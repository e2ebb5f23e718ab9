import type { BuiltTask, DemoReport } from "../report.js";
import { type Column, count, decimal, percent, tableLines } from "./table.js";

interface FigureRow {
  readonly model: string;
  readonly method: string;
  readonly parameters: number | null;
  readonly general: number | null;
  readonly finance: number | null;
  readonly rows: number | null;
  readonly exactMatch: number | null;
  readonly parent: number | null;
}

const COLUMNS: readonly Column<FigureRow>[] = [
  { title: "model", align: "left", value: (row) => row.model },
  { title: "method", align: "left", value: (row) => row.method },
  { title: "parameters", align: "right", value: (row) => count(row.parameters) },
  { title: "general ppl", align: "right", value: (row) => decimal(row.general, 2) },
  { title: "finance ppl", align: "right", value: (row) => decimal(row.finance, 2) },
  { title: "rows", align: "right", value: (row) => count(row.rows) },
  { title: "exact match", align: "right", value: (row) => percent(row.exactMatch) },
  { title: "parent's", align: "right", value: (row) => percent(row.parent) },
];

const JOB_COLUMNS: readonly Column<DemoReport["jobs"][number]>[] = [
  { title: "job", align: "left", value: (job) => job.id },
  { title: "kind", align: "left", value: (job) => job.kind },
  { title: "seconds", align: "right", value: (job) => decimal(job.seconds, 1) },
  { title: "tokens/s", align: "right", value: (job) => count(job.tokensPerSecond) },
];

/** Tables of the report's figures: models first, jobs below. An adapter's parameters are those of the adapter alone. */
export function figureLines(
  report: DemoReport,
  parameters: { readonly finance: number | null; readonly tasks: readonly BuiltTask[] },
): string[] {
  const none = { general: null, finance: null, rows: null, exactMatch: null, parent: null };
  const text = (metrics: DemoReport["foundation"]["metrics"]) => ({
    general: metrics.generalPerplexity,
    finance: metrics.financePerplexity,
  });
  const rows: FigureRow[] = [
    {
      ...none,
      model: `${report.foundation.ref}@${report.foundation.version}`,
      method: "pretrain",
      parameters: report.foundation.parameters,
      ...text(report.foundation.metrics),
    },
    {
      ...none,
      model: `${report.finance.ref}@${report.finance.version}`,
      method: "continued",
      parameters: parameters.finance,
      ...text(report.finance.metrics),
    },
    ...report.tasks.map((task) => ({
      ...none,
      model: `${task.ref}@${task.version}`,
      method: task.method,
      parameters: parameters.tasks.find((built) => built.version.model === task.ref)?.version.parameters ?? null,
      rows: task.evaluation.rows,
      exactMatch: task.evaluation.exactMatch,
      parent: task.evaluation.parentExactMatch,
    })),
  ];
  return [...tableLines(COLUMNS, rows), "", ...tableLines(JOB_COLUMNS, report.jobs)];
}
