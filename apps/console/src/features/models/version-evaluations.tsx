import { Evaluation, paths, type Version } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { shortId } from "../../lib/format.js";
import { useFormats } from "../../lib/use-formats.js";
import { AppLink } from "../../ui/app-link.js";
import { DataTable } from "../../ui/data-table.js";
import { ListFaces } from "../../ui/list-faces.js";
import { DatasetVersionLink } from "../../ui/ref-link.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";

/** Scores of a version, and of its first parent on the same data where there is one. */
export function VersionEvaluations({ version }: { readonly version: Version }) {
  const { t } = useTranslation("models");
  const formats = useFormats();
  const parent = version.parents[0]?.version;
  const own = usePages({ path: paths.evaluations(), item: Evaluation, query: { "filter[version]": version.ref } });
  const parents = usePages({
    path: paths.evaluations(),
    item: Evaluation,
    query: { "filter[version]": parent },
    limit: 200,
    isEnabled: parent !== undefined,
  });
  const score = (evaluation: Evaluation | undefined) =>
    evaluation === undefined
      ? "–"
      : evaluation.exactMatch === null
        ? formats.number(evaluation.perplexity ?? Number.NaN, 2)
        : formats.share(evaluation.exactMatch, 1);
  return (
    <ListFaces read={own} empty={t("evaluations.empty")}>
      {(rows) => (
        <>
          <DataTable<Evaluation>
            label={t("tab.evaluations")}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              { id: "dataset", header: t("evaluations.dataset"), cell: (row) => <DatasetVersionLink value={row.dataset} /> },
              {
                id: "metric",
                header: t("evaluations.metric"),
                nowrap: true,
                cell: (row) => (row.exactMatch === null ? t("evaluations.perplexity") : t("evaluations.exactMatch")),
              },
              { id: "rows", header: t("evaluations.rows"), align: "end", cell: (row) => formats.number(row.rows) },
              { id: "score", header: t("evaluations.score"), align: "end", cell: (row) => <strong>{score(row)}</strong> },
              {
                id: "parent",
                header: t("evaluations.parent"),
                align: "end",
                cell: (row) => score(parents.data?.find((other) => other.dataset === row.dataset)),
              },
              { id: "job", header: t("job"), nowrap: true, cell: (row) => <AppLink to={to.job(row.job)}>#{shortId(row.job)}</AppLink> },
              { id: "at", header: t("column.created"), nowrap: true, cell: (row) => <Time at={row.createdAt} /> },
            ]}
          />
          <TableFoot shown={rows.length} {...own} />
        </>
      )}
    </ListFaces>
  );
}
