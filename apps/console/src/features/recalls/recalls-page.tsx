import { paths, Recall } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { useFormats } from "../../lib/use-formats.js";
import { AppLink } from "../../ui/app-link.js";
import { DataTable } from "../../ui/data-table.js";
import { ListFaces } from "../../ui/list-faces.js";
import { Page } from "../../ui/page.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";
import { RecallStateBadge } from "./recall-state.js";

/** Every recall of the viewer's institution, newest first. */
export function RecallsPage() {
  const { t } = useTranslation(["recalls", "common"]);
  const formats = useFormats();
  const recalls = usePages({ path: paths.recalls(), item: Recall });
  return (
    <Page title={t("title")} lead={t("lead")}>
      <ListFaces read={recalls} empty={t("empty")}>
        {(rows) => (
          <>
            <DataTable<Recall>
              label={t("title")}
              rows={rows}
              rowKey={(row) => row.id}
              columns={[
                {
                  id: "subject",
                  header: t("column.subject"),
                  cell: (row) => (
                    <AppLink to={to.recall(row.id)}>
                      <bdi>{row.subject.ref}</bdi>
                    </AppLink>
                  ),
                },
                { id: "state", header: t("column.state"), cell: (row) => <RecallStateBadge state={row.state} /> },
                { id: "blocked", header: t("column.versions"), align: "end", cell: (row) => formats.number(row.blocked) },
                {
                  id: "words",
                  header: t("column.acknowledged"),
                  align: "end",
                  cell: (row) =>
                    `${formats.number(row.acknowledgements.filter(({ acknowledgedAt }) => acknowledgedAt).length)} / ${formats.number(row.acknowledgements.length)}`,
                },
                {
                  id: "reason",
                  header: t("common:reason"),
                  cell: (row) => (
                    <span className="zg-clip" dir="auto">
                      {row.reason}
                    </span>
                  ),
                },
                { id: "at", header: t("fact.at"), nowrap: true, cell: (row) => <Time at={row.createdAt} /> },
              ]}
            />
            <TableFoot shown={rows.length} {...recalls} />
          </>
        )}
      </ListFaces>
    </Page>
  );
}
