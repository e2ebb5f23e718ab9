import { AuditEntry, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import { DataTable } from "../../ui/data-table.js";
import { ListFaces } from "../../ui/list-faces.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";

/** The last entries of the audit log. */
export function AuditTail() {
  const { t } = useTranslation("home");
  const words = useWords();
  const entries = usePages({ path: paths.audit(), item: AuditEntry, limit: 8 });
  return (
    <section className="zg-stack" aria-label={t("audit.title")}>
      <div className="zg-spread">
        <h2>{t("audit.title")}</h2>
        <AppLink to={to.audit()}>{t("audit.all")}</AppLink>
      </div>
      <ListFaces read={entries} empty={t("audit.empty")}>
        {(rows) => (
          <DataTable<AuditEntry>
            label={t("audit.title")}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              { id: "at", header: t("audit.at"), nowrap: true, cell: (row) => <Time at={row.at} /> },
              { id: "actor", header: t("audit.actor"), cell: (row) => <bdi className="zg-clip">{row.actorName}</bdi> },
              { id: "action", header: t("audit.action"), cell: (row) => words.known("action", row.action) },
              { id: "object", header: t("audit.object"), cell: (row) => <bdi className="zg-clip zg-clip-short">{row.object}</bdi> },
            ]}
          />
        )}
      </ListFaces>
    </section>
  );
}
