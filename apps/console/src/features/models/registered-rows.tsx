import type { RegisteredRow } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { useProblemText } from "../../lib/problem-text.js";
import { AppLink } from "../../ui/app-link.js";
import { DataTable } from "../../ui/data-table.js";
import { StateBadge } from "../../ui/state-badge.js";

const LOOK = { good: ["checked", "quiet"], registered: ["checked", "good"], refused: ["failed", "bad"] } as const;

/** The rows of a sheet with what became of each, refused ones first. */
export function RegisteredRows({ rows }: { readonly rows: readonly RegisteredRow[] }) {
  const { t } = useTranslation("models");
  const text = useProblemText();
  const inOrder = [...rows].sort((a, b) => Number(b.outcome === "refused") - Number(a.outcome === "refused") || a.row - b.row);
  return (
    <div className="zg-framed">
      <DataTable
        label={t("many.rows")}
        rows={inOrder}
        rowKey={({ row }) => String(row)}
        columns={[
          { id: "row", header: t("many.row"), align: "end", nowrap: true, cell: ({ row }) => row + 1 },
          {
            id: "outcome",
            header: t("many.outcome"),
            nowrap: true,
            cell: ({ outcome }) => {
              const [glyph, tone] = LOOK[outcome];
              return <StateBadge glyph={glyph} tone={tone} word={t(`many.is.${outcome}`)} />;
            },
          },
          {
            id: "model",
            header: t("many.model"),
            cell: ({ model, version, outcome }) =>
              model !== null && outcome === "registered" ? (
                <AppLink to={version === null ? to.model(model) : to.version(version)}>{version ?? model}</AppLink>
              ) : (
                (model ?? "–")
              ),
          },
          {
            id: "reasons",
            header: t("many.reasons"),
            cell: ({ violations }) =>
              violations.length === 0 ? null : (
                <ul className="zg-plain">
                  {violations.map((violation) => (
                    <li key={`${violation.code} ${violation.pointer ?? ""} ${violation.detail}`}>
                      {text.violation(violation)} {violation.pointer && <code className="zg-quiet">{violation.pointer}</code>}
                    </li>
                  ))}
                </ul>
              ),
          },
        ]}
      />
    </div>
  );
}
