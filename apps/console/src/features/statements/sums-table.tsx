import type { MonthSums, StatementSum } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import { DataTable } from "../../ui/data-table.js";
import { Fact, Facts } from "../../ui/facts.js";

interface SumsTableProps {
  readonly sums: MonthSums;
  readonly currency: string;
  /** Opens an institution's statement; left out where sums are only looked at. */
  readonly onChoose?: (institution: string) => void;
}

/** What everybody pays for a month, and what was metered; for the platform's people alone. */
export function SumsTable({ sums, currency, onChoose }: SumsTableProps) {
  const { t } = useTranslation("statements");
  const formats = useFormats();
  const money = (amount: number) => formats.money(amount, currency);
  return (
    <>
      <Facts>
        <Fact term={t("metered")}>{money(sums.metered)}</Fact>
        <Fact term={t("pool")}>{money(sums.pool)}</Fact>
        <Fact term={t("rule")}>{sums.rule === null ? t("noRule") : t(`rules.${sums.rule}`)}</Fact>
        <Fact term={t("closedBy")}>{sums.closedBy === null ? null : <bdi>{sums.closedBy}</bdi>}</Fact>
      </Facts>
      <div className="zg-panel">
        <DataTable<StatementSum>
          label={t("sums")}
          rows={sums.institutions}
          rowKey={(row) => row.institution}
          columns={[
            {
              id: "institution",
              header: t("institution"),
              cell: (row) =>
                onChoose === undefined ? (
                  <bdi>{row.institution}</bdi>
                ) : (
                  <button type="button" className="zg-link-button" onClick={() => onChoose(row.institution)}>
                    <bdi>{row.institution}</bdi>
                  </button>
                ),
            },
            { id: "own", header: t("own"), align: "end", cell: (row) => money(row.own) },
            { id: "shared", header: t("shared"), align: "end", cell: (row) => money(row.shared) },
            { id: "total", header: t("total"), align: "end", cell: (row) => money(row.total) },
          ]}
        />
      </div>
    </>
  );
}
