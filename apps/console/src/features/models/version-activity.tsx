import { AuditEntry, paths, StateAt, type Version } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useMe } from "../../lib/session.js";
import { useWords } from "../../lib/words.js";
import { DataTable } from "../../ui/data-table.js";
import { ListFaces } from "../../ui/list-faces.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";

/** What happened to a version: the audit log's entries, or, for a role the log is closed to, the states it was in. */
export function VersionActivity({ version }: { readonly version: Version }) {
  return useMe().scopes.includes("audit:read") ? <AuditedActivity version={version} /> : <StateHistory version={version} />;
}

function AuditedActivity({ version }: { readonly version: Version }) {
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

/** The states it was in, which everyone who sees the version may read. */
function StateHistory({ version }: { readonly version: Version }) {
  const { t } = useTranslation("models");
  const words = useWords();
  const states = usePages({ path: paths.versionStates(version.ref), item: StateAt });
  return (
    <ListFaces read={states} empty={t("activity.noState")}>
      {(rows) => (
        <div className="zg-framed">
          <DataTable<StateAt>
            label={t("activity.states")}
            rows={rows}
            rowKey={(row) => row.at}
            columns={[
              { id: "at", header: t("activity.at"), nowrap: true, cell: (row) => <Time at={row.at} /> },
              { id: "state", header: t("column.state"), nowrap: true, cell: (row) => words.versionState(row.state) },
              { id: "actor", header: t("activity.actor"), cell: (row) => <bdi>{row.by}</bdi> },
              { id: "reason", header: t("activity.reason"), cell: (row) => <bdi className="zg-break">{row.reason || "–"}</bdi> },
            ]}
          />
          <TableFoot shown={rows.length} {...states} />
          <p className="zg-table-foot">{t("activity.needsAudit")}</p>
        </div>
      )}
    </ListFaces>
  );
}
