import { AuditEntry, paths, type Version } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useWords } from "../../lib/words.js";
import { DataTable } from "../../ui/data-table.js";
import { ListFaces } from "../../ui/list-faces.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";

/** What happened to a version, from the audit log. */
export function VersionActivity({ version }: { readonly version: Version }) {
  const { t } = useTranslation("models");
  const words = useWords();
  const entries = usePages({ path: paths.audit(), item: AuditEntry, query: { "filter[object]": version.ref } });
  return (
    <ListFaces read={entries} empty={t("activity.empty")}>
      {(rows) => (
        <>
          <DataTable<AuditEntry>
            label={t("tab.activity")}
            rows={rows}
            rowKey={(entry) => entry.id}
            columns={[
              { id: "at", header: t("activity.at"), nowrap: true, cell: (entry) => <Time at={entry.at} /> },
              { id: "actor", header: t("activity.actor"), cell: (entry) => <bdi>{entry.actorName}</bdi> },
              { id: "action", header: t("activity.action"), cell: (entry) => words.known("action", entry.action) },
              { id: "reason", header: t("activity.reason"), cell: (entry) => <bdi className="zg-break">{entry.reason || "–"}</bdi> },
            ]}
          />
          <TableFoot shown={rows.length} {...entries} />
        </>
      )}
    </ListFaces>
  );
}
