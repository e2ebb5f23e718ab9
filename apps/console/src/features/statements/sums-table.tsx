import type { MonthSums, StatementSum } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import { AppLink } from "../../ui/app-link.js";
import { DataTable } from "../../ui/data-table.js";
import { Fact, Facts } from "../../ui/facts.js";

interface SumsTableProps {
  readonly sums: MonthSums;
  readonly currency: string;
  /** Where an institution's statement is; left out where sums are only looked at. */
  readonly pathOf?: (institution: string) => string;
}

/** What everybody pays for a month, and what was metered; for the platform's people alone. */
export function SumsTable({ sums, currency, pathOf }: SumsTableProps) {
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
                pathOf === undefined ? (
                  <bdi>{row.institution}</bdi>
                ) : (
                  <AppLink to={pathOf(row.institution)}>
                    <bdi>{row.institution}</bdi>
                  </AppLink>
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
