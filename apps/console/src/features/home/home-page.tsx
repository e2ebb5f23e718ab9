import { Cluster, Job, Model, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { to } from "../../lib/console-paths.js";
import { hasRole, useMe } from "../../lib/session.js";
import { AppLink } from "../../ui/app-link.js";
import { ButtonLink } from "../../ui/button-link.js";
import { DataTable } from "../../ui/data-table.js";
import { HealthCell } from "../../ui/health-cell.js";
import { useJobColumns } from "../../ui/job-columns.js";
import { ListFaces } from "../../ui/list-faces.js";
import { Page } from "../../ui/page.js";
import { VersionLink } from "../../ui/ref-link.js";
import { VersionStateBadge } from "../../ui/state-badge.js";
import { usePages } from "../../ui/use-pages.js";
import { AuditTail } from "./audit-tail.js";
import "./home.css";
import { PyramidSummary } from "./pyramid-summary.js";

/** What a viewer needs first, by role. */
export function HomePage() {
  const { t } = useTranslation("home");
  const me = useMe();
  const isOverseer = hasRole(me, "platform_admin", "auditor", "compliance_reviewer");
  const isEngineer = hasRole(me, "platform_engineer", "platform_admin");
  const isInstitution = hasRole(me, "institution_admin", "institution_member");
  return (
    <Page title={t("title")} heading={t("welcome", { name: me.name })}>
      <PyramidSummary />
      {isInstitution && <Requests />}
      <OpenJobs />
      <div className="zg-halves">
        {isInstitution && <OwnModels namespace={me.institution.slug} />}
        {isEngineer && <Health />}
        {isOverseer && me.scopes.includes("audit:read") && <AuditTail />}
      </div>
    </Page>
  );
}

function Requests() {
  const { t } = useTranslation("home");
  const columns = useJobColumns();
  const jobs = usePages({ path: paths.jobs(), item: Job, query: { "filter[state]": "awaiting_approval" }, limit: 10 });
  return (
    <section className="zg-stack" aria-label={t("requests.title")}>
      <h2>{t("requests.title")}</h2>
      <ListFaces read={jobs} empty={t("requests.empty")}>
        {(rows) => <DataTable label={t("requests.title")} columns={columns} rows={rows} rowKey={(row) => row.id} />}
      </ListFaces>
    </section>
  );
}

function OpenJobs() {
  const { t } = useTranslation("home");
  const columns = useJobColumns();
  const jobs = usePages({ path: paths.jobs(), item: Job, limit: 8 });
  const begin = useMe().scopes.includes("jobs:write") ? <ButtonLink to={to.newJob()}>{t("jobs.begin")}</ButtonLink> : null;
  return (
    <section className="zg-stack" aria-label={t("jobs.title")}>
      <div className="zg-spread">
        <h2>{t("jobs.title")}</h2>
        <AppLink to={to.jobs()}>{t("jobs.all")}</AppLink>
      </div>
      <ListFaces read={jobs} empty={t("jobs.empty")} begin={begin}>
        {(rows) => <DataTable label={t("jobs.title")} columns={columns} rows={rows} rowKey={(row) => row.id} />}
      </ListFaces>
    </section>
  );
}

function OwnModels({ namespace }: { readonly namespace: string }) {
  const { t } = useTranslation("home");
  const models = usePages({ path: paths.models(), item: Model, query: { "filter[namespace]": namespace }, limit: 10 });
  return (
    <section className="zg-stack" aria-label={t("models.title")}>
      <h2>{t("models.title")}</h2>
      <ListFaces read={models} empty={t("models.empty")}>
        {(rows) => (
          <DataTable<Model>
            label={t("models.title")}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              {
                id: "ref",
                header: t("models.model"),
                cell: (row) => (
                  <AppLink to={to.model(row.ref)} className="zg-clip">
                    <bdi>{row.ref}</bdi>
                  </AppLink>
                ),
              },
              { id: "latest", header: t("models.latest"), cell: (row) => (row.latest ? <VersionLink value={row.latest} /> : "–") },
              {
                id: "state",
                header: t("models.state"),
                cell: (row) => (row.latestState ? <VersionStateBadge state={row.latestState} /> : "–"),
              },
            ]}
          />
        )}
      </ListFaces>
    </section>
  );
}

function Health() {
  const { t } = useTranslation("home");
  const clusters = usePages({ path: paths.clusters(), item: Cluster, limit: null });
  return (
    <section className="zg-stack" aria-label={t("health.title")}>
      <h2>{t("health.title")}</h2>
      <ListFaces read={clusters} empty={t("health.empty")}>
        {(rows) => (
          <DataTable<Cluster>
            label={t("health.title")}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              { id: "name", header: t("health.cluster"), cell: (row) => <bdi>{row.name}</bdi> },
              { id: "health", header: t("health.state"), cell: (row) => <HealthCell cluster={row} /> },
              { id: "slots", header: t("health.slots"), align: "end", nowrap: true, cell: (row) => `${row.used} / ${row.slots}` },
            ]}
          />
        )}
      </ListFaces>
    </section>
  );
}
