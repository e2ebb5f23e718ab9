import { Alias, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { DataTable } from "../../ui/data-table.js";
import { ListFaces } from "../../ui/list-faces.js";
import { VersionLink } from "../../ui/ref-link.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";

/** Everything a name ever pointed to, read when it is opened. */
export function AliasHistory({ model, name }: { readonly model: string; readonly name: string }) {
  const { t } = useTranslation("models");
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("aliasHistory.title")}</summary>
      {isOpen && <Moves model={model} name={name} />}
    </details>
  );
}

function Moves({ model, name }: { readonly model: string; readonly name: string }) {
  const { t } = useTranslation("models");
  const moves = usePages({ path: paths.aliasHistory(model, name), item: Alias });
  return (
    <ListFaces read={moves} empty={t("aliasHistory.empty")}>
      {(rows) => (
        <>
          <DataTable<Alias>
            label={t("aliasHistory.title")}
            rows={rows}
            rowKey={(row) => `${row.movedAt} ${row.version}`}
            columns={[
              { id: "version", header: t("column.version"), cell: (row) => <VersionLink value={row.version} /> },
              { id: "at", header: t("activity.at"), nowrap: true, cell: (row) => <Time at={row.movedAt} /> },
              { id: "by", header: t("activity.actor"), cell: (row) => <bdi>{row.movedBy}</bdi> },
              { id: "reason", header: t("activity.reason"), cell: (row) => <span dir="auto">{row.reason}</span> },
            ]}
          />
          <TableFoot shown={rows.length} {...moves} />
        </>
      )}
    </ListFaces>
  );
}
