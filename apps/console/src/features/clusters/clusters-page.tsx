import { Cluster, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import { DataTable } from "../../ui/data-table.js";
import { HealthCell } from "../../ui/health-cell.js";
import { ListFaces } from "../../ui/list-faces.js";
import { Page } from "../../ui/page.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";

/** Where jobs run: room, health, and what to do where it is lacking. */
export function ClustersPage() {
  const { t } = useTranslation("clusters");
  const formats = useFormats();
  const clusters = usePages({ path: paths.clusters(), item: Cluster, limit: null });
  return (
    <Page title={t("title")}>
      <ListFaces read={clusters} empty={t("empty")}>
        {(rows) => (
          <>
            <DataTable<Cluster>
              label={t("title")}
              rows={rows}
              rowKey={(row) => row.id}
              columns={[
                { id: "name", header: t("column.name"), cell: (row) => <bdi>{row.name}</bdi> },
                { id: "driver", header: t("column.driver"), cell: (row) => t(`driver.${row.driver}`) },
                { id: "health", header: t("column.health"), cell: (row) => <HealthCell cluster={row} /> },
                {
                  id: "slots",
                  header: t("column.slots"),
                  align: "end",
                  nowrap: true,
                  cell: (row) => t("slots", { used: formats.number(row.used), slots: formats.number(row.slots) }),
                },
                { id: "device", header: t("column.device"), cell: (row) => <bdi>{row.device ?? "–"}</bdi> },
                { id: "checked", header: t("column.checked"), nowrap: true, cell: (row) => <Time at={row.checkedAt} /> },
              ]}
            />
            <TableFoot shown={rows.length} {...clusters} />
          </>
        )}
      </ListFaces>
    </Page>
  );
}
