import { JOB_KINDS, JOB_STATES, Job, JobKind, JobState, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { to } from "../../lib/console-paths.js";
import { useMe } from "../../lib/session.js";
import { useUrlState } from "../../lib/url-state.js";
import { useWords } from "../../lib/words.js";
import { ButtonLink } from "../../ui/button-link.js";
import { DataTable } from "../../ui/data-table.js";
import { FilterSelect } from "../../ui/filter-select.js";
import { useJobColumns } from "../../ui/job-columns.js";
import { beginAtHead, ListFaces } from "../../ui/list-faces.js";
import { Page } from "../../ui/page.js";
import { TableFoot } from "../../ui/table-foot.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { usePages } from "../../ui/use-pages.js";

const UrlSchema = z.object({
  state: JobState.optional(),
  kind: JobKind.optional(),
  open: z.enum(["true", "false"]).optional(),
  model: z.string().optional(),
});

export function JobsPage() {
  const { t } = useTranslation("jobs");
  const words = useWords();
  const { values, rejected, set } = useUrlState(UrlSchema);
  const columns = useJobColumns();
  const jobs = usePages({
    path: paths.jobs(),
    item: Job,
    query: { "filter[state]": values.state, "filter[kind]": values.kind, "filter[open]": values.open, "filter[model]": values.model },
  });
  const filters = [
    ...(values.state ? [{ key: "state", label: words.t(`jobState.${values.state}`), onRemove: () => set({ state: undefined }) }] : []),
    ...(values.kind ? [{ key: "kind", label: words.t(`jobKind.${values.kind}`), onRemove: () => set({ kind: undefined }) }] : []),
    ...(values.open ? [{ key: "open", label: t(`filter.openWord.${values.open}`), onRemove: () => set({ open: undefined }) }] : []),
    ...(values.model ? [{ key: "model", label: values.model, onRemove: () => set({ model: undefined }) }] : []),
  ];
  const begin = useMe().scopes.includes("jobs:write") ? <ButtonLink to={to.newJob()}>{t("new")}</ButtonLink> : null;
  return (
    <Page title={t("title")} actions={beginAtHead(begin, jobs, filters)}>
      <UrlNotice rejected={rejected} />
      <div className="zg-filters">
        <FilterSelect
          label={t("filter.state")}
          value={values.state}
          options={JOB_STATES.map((value) => ({ value, label: words.t(`jobState.${value}`) }))}
          onChange={(state) => set({ state })}
        />
        <FilterSelect
          label={t("filter.kind")}
          value={values.kind}
          options={JOB_KINDS.map((value) => ({ value, label: words.t(`jobKind.${value}`) }))}
          onChange={(kind) => set({ kind })}
        />
        <FilterSelect
          label={t("filter.open")}
          value={values.open}
          options={(["true", "false"] as const).map((value) => ({ value, label: t(`filter.openWord.${value}`) }))}
          onChange={(open) => set({ open })}
        />
      </div>
      <ListFaces read={jobs} filters={filters} empty={t("empty")} begin={begin} noMatch={t("noMatch")}>
        {(rows) => (
          <>
            <DataTable label={t("title")} columns={columns} rows={rows} rowKey={(row) => row.id} isDimmed={jobs.isDimmed} />
            <TableFoot shown={rows.length} {...jobs} />
          </>
        )}
      </ListFaces>
    </Page>
  );
}
