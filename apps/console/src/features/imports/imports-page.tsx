import { IMPORT_STATES, Import, ImportState, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { to } from "../../lib/console-paths.js";
import { shortId } from "../../lib/format.js";
import { useUrlState } from "../../lib/url-state.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import { ButtonLink } from "../../ui/button-link.js";
import { type Column, DataTable } from "../../ui/data-table.js";
import { FilterSelect } from "../../ui/filter-select.js";
import { beginAtHead, ListFaces } from "../../ui/list-faces.js";
import { Page } from "../../ui/page.js";
import { VersionLink } from "../../ui/ref-link.js";
import { ImportStateBadge } from "../../ui/state-badge.js";
import { TableFoot } from "../../ui/table-foot.js";
import { TierMark } from "../../ui/tier-mark.js";
import { Time } from "../../ui/time.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { usePages } from "../../ui/use-pages.js";

const UrlSchema = z.object({ state: ImportState.optional(), model: z.string().optional() });

export function ImportsPage() {
  const { t } = useTranslation("imports");
  const words = useWords();
  const { values, rejected, set } = useUrlState(UrlSchema);
  const columns = useImportColumns();
  const imports = usePages({
    path: paths.imports(),
    item: Import,
    query: { "filter[state]": values.state, "filter[model]": values.model },
  });
  const filters = [
    ...(values.state ? [{ key: "state", label: words.t(`importState.${values.state}`), onRemove: () => set({ state: undefined }) }] : []),
    ...(values.model ? [{ key: "model", label: values.model, onRemove: () => set({ model: undefined }) }] : []),
  ];
  const begin = (
    <ButtonLink to={values.model ? to.newImport(values.model) : to.models()}>{t(values.model ? "begin" : "chooseModel")}</ButtonLink>
  );
  return (
    <Page title={t("title")} actions={beginAtHead(begin, imports, filters)}>
      <UrlNotice rejected={rejected} />
      <div className="zg-filters">
        <FilterSelect
          label={t("column.state")}
          value={values.state}
          options={IMPORT_STATES.map((value) => ({ value, label: words.t(`importState.${value}`) }))}
          onChange={(state) => set({ state })}
        />
      </div>
      <ListFaces read={imports} filters={filters} empty={t("empty")} begin={begin} noMatch={t("noMatch")}>
        {(rows) => (
          <>
            <DataTable label={t("title")} columns={columns} rows={rows} rowKey={(row) => row.id} isDimmed={imports.isDimmed} />
            <TableFoot shown={rows.length} {...imports} />
          </>
        )}
      </ListFaces>
    </Page>
  );
}

function useImportColumns(): readonly Column<Import>[] {
  const { t } = useTranslation("imports");
  const formats = useFormats();
  return [
    { id: "id", header: t("column.import"), nowrap: true, cell: (row) => <AppLink to={to.import(row.id)}>#{shortId(row.id)}</AppLink> },
    { id: "state", header: t("column.state"), nowrap: true, cell: (row) => <ImportStateBadge state={row.state} /> },
    {
      id: "model",
      header: t("column.model"),
      cell: (row) => (
        <span className="zg-ref">
          <TierMark tier={row.tier} short />
          <AppLink to={to.model(row.model)} className="zg-clip">
            <bdi>{row.model}</bdi>
          </AppLink>
        </span>
      ),
    },
    { id: "source", header: t("column.source"), cell: (row) => <bdi className="zg-clip">{nameOf(row.source)}</bdi> },
    {
      id: "progress",
      header: t("column.progress"),
      align: "end",
      nowrap: true,
      cell: ({ bytes }) => (bytes.total === null || bytes.total === 0 ? "–" : formats.share(bytes.done / bytes.total)),
    },
    { id: "version", header: t("column.version"), cell: (row) => (row.version ? <VersionLink value={row.version} /> : "–") },
    {
      id: "by",
      header: t("column.by"),
      cell: (row) => (
        <bdi className="zg-clip zg-clip-short" title={row.requestedBy.name}>
          {row.requestedBy.name}
        </bdi>
      ),
    },
    { id: "created", header: t("column.created"), nowrap: true, cell: (row) => <Time at={row.createdAt} /> },
  ];
}

function nameOf(source: Import["source"]): string {
  switch (source.kind) {
    case "directory":
      return source.path;
    case "huggingface":
      return `${source.repo}@${source.revision}`;
    case "s3":
      return `s3://${source.bucket}/${source.prefix}`;
  }
}
