import { paths, RecalledVersion } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { shortId } from "../../lib/format.js";
import { useRouteParam } from "../../lib/route-param.js";
import { DataTable } from "../../ui/data-table.js";
import { ObjectPage } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { VersionLink } from "../../ui/ref-link.js";
import { VersionStateBadge } from "../../ui/state-badge.js";
import { TableFoot } from "../../ui/table-foot.js";
import { usePages } from "../../ui/use-pages.js";

/** The viewer's own part of a recall: what an institution sees of one that somebody else made. */
export function RecalledVersionsPage() {
  const { t } = useTranslation("recalls");
  const id = useRouteParam("id");
  const versions = usePages({ path: paths.recallVersions(id), item: RecalledVersion });
  return (
    <ObjectPage read={versions}>
      {(rows) => (
        <Page title={t("ownPart", { id: shortId(id) })}>
          <div className="zg-framed">
            <DataTable<RecalledVersion>
              label={t("held")}
              rows={rows}
              rowKey={(row) => row.ref}
              columns={[
                { id: "version", header: t("column.version"), cell: (row) => <VersionLink value={row.ref} /> },
                { id: "state", header: t("column.state"), cell: (row) => <VersionStateBadge state={row.state} /> },
              ]}
            />
            <TableFoot shown={rows.length} {...versions} />
          </div>
        </Page>
      )}
    </ObjectPage>
  );
}
