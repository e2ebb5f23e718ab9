import type { JobId, Statement, StatementLine } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { shortId } from "../../lib/format.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import { type Column, DataTable } from "../../ui/data-table.js";

interface StatementLinesProps {
  readonly statement: Statement;
  /** Takes back a part of what a job was charged; null for those who may not. */
  readonly onCorrect: ((job: JobId) => void) | null;
}

/** The lines of a statement: jobs with their versions, corrections, storage, and a part of the shared tiers. */
export function StatementLines({ statement, onCorrect }: StatementLinesProps) {
  const { t } = useTranslation("statements");
  const words = useWords();
  const formats = useFormats();
  if (statement.lines.length === 0) return <p className="zg-quiet">{t("noLines")}</p>;
  const correction: Column<StatementLine> = {
    id: "correct",
    header: <span className="zg-visually-hidden">{t("line.actions")}</span>,
    align: "end",
    cell: ({ kind, job, amount }) =>
      kind === "job" && job !== null && amount > 0 ? (
        <button
          type="button"
          className="zg-link-button"
          onClick={() => onCorrect?.(job)}
          aria-label={t("correct.of", { job: shortId(job) })}
        >
          {t("correct.begin")}
        </button>
      ) : null,
  };
  const numbered = statement.lines.map((line, index) => ({ ...line, key: String(index) }));
  const quantityOf = ({ kind, quantity, unit }: StatementLine) => {
    if (quantity === null) return "–";
    if (kind === "storage") return t("gibMonths", { amount: formats.number(quantity) });
    return t(unit === "gpu" ? "gpuTime" : "cpuTime", { time: formats.duration(quantity) });
  };
  return (
    <div className="zg-panel">
      <DataTable<StatementLine & { readonly key: string }>
        label={t("lines")}
        rows={numbered}
        rowKey={(row) => row.key}
        columns={[
          {
            id: "what",
            header: t("line.what"),
            cell: (row) => (
              <>
                {t(`line.${row.kind}`)}
                {row.job && (
                  <div>
                    <AppLink to={to.job(row.job)}>#{shortId(row.job)}</AppLink>
                  </div>
                )}
                {(row.lateFor !== null || row.reason !== null) && (
                  <div className="zg-quiet zg-small">
                    {row.lateFor !== null && <>{t("late", { month: row.lateFor })} </>}
                    {row.reason !== null && <bdi>{row.reason}</bdi>}
                  </div>
                )}
              </>
            ),
          },
          {
            id: "version",
            header: t("line.version"),
            cell: (row) =>
              row.version === null ? (
                <bdi>{row.model ?? "–"}</bdi>
              ) : (
                <AppLink to={to.version(row.version)}>
                  <bdi>{row.version}</bdi>
                </AppLink>
              ),
          },
          {
            id: "scenario",
            header: t("line.scenario"),
            cell: (row) => (row.scenario === null ? "–" : words.t(`scenario.${row.scenario}`)),
          },
          { id: "quantity", header: t("line.quantity"), align: "end", cell: quantityOf },
          {
            id: "amount",
            header: t("line.amount"),
            align: "end",
            nowrap: true,
            cell: (row) => formats.money(row.amount, statement.currency),
          },
          ...(onCorrect === null ? [] : [correction]),
        ]}
      />
    </div>
  );
}
