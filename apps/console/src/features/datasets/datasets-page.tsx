import { DATA_FORMATS, DataFormat, Dataset, paths } from "@ziggurat/contracts";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { to } from "../../lib/console-paths.js";
import { useUrlState } from "../../lib/url-state.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import { ButtonLink } from "../../ui/button-link.js";
import { DataTable } from "../../ui/data-table.js";
import { FilterSelect } from "../../ui/filter-select.js";
import { FilterText } from "../../ui/filter-text.js";
import { beginAtHead, ListFaces } from "../../ui/list-faces.js";
import { Page } from "../../ui/page.js";
import { DatasetVersionLink } from "../../ui/ref-link.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { usePages } from "../../ui/use-pages.js";

const UrlSchema = z.object({ q: z.string().optional(), format: DataFormat.optional() });

export function DatasetsPage() {
  const { t } = useTranslation("datasets");
  const words = useWords();
  const formats = useFormats();
  const { values, rejected, set } = useUrlState(UrlSchema);
  const datasets = usePages({ path: paths.datasets(), item: Dataset, query: { q: values.q, "filter[format]": values.format } });
  const setText = useCallback((q: string | undefined) => set({ q }), [set]);
  const filters = [
    ...(values.q ? [{ key: "q", label: t("filter.text", { q: values.q }), onRemove: () => set({ q: undefined }) }] : []),
    ...(values.format
      ? [{ key: "format", label: words.t(`dataFormat.${values.format}`), onRemove: () => set({ format: undefined }) }]
      : []),
  ];
  const register = <ButtonLink to={to.newDataset()}>{t("register")}</ButtonLink>;
  return (
    <Page title={t("title")} actions={beginAtHead(register, datasets, filters)}>
      <UrlNotice rejected={rejected} />
      <div className="zg-filters">
        <FilterText label={t("filter.search")} value={values.q} onChange={setText} />
        <FilterSelect
          label={t("field.format")}
          value={values.format}
          options={DATA_FORMATS.map((value) => ({ value, label: words.t(`dataFormat.${value}`) }))}
          onChange={(format) => set({ format })}
        />
      </div>
      <ListFaces read={datasets} filters={filters} empty={t("empty")} begin={register} noMatch={t("noMatch")}>
        {(rows) => (
          <>
            <DataTable<Dataset>
              label={t("title")}
              rows={rows}
              rowKey={(row) => row.id}
              isDimmed={datasets.isDimmed}
              columns={[
                {
                  id: "ref",
                  header: t("column.dataset"),
                  cell: (row) => (
                    <AppLink to={to.dataset(row.ref)} className="zg-clip" title={row.ref}>
                      <bdi>{row.ref}</bdi>
                    </AppLink>
                  ),
                },
                { id: "name", header: t("field.name"), cell: (row) => <bdi className="zg-clip">{row.name}</bdi> },
                { id: "format", header: t("field.format"), nowrap: true, cell: (row) => words.t(`dataFormat.${row.format}`) },
                {
                  id: "sensitivity",
                  header: t("field.sensitivity"),
                  nowrap: true,
                  cell: (row) => words.t(`sensitivity.${row.sensitivity}`),
                },
                { id: "licence", header: t("field.licence"), cell: (row) => <bdi className="zg-clip">{row.licence}</bdi> },
                {
                  id: "latest",
                  header: t("column.latest"),
                  nowrap: true,
                  cell: (row) => (row.latest ? <DatasetVersionLink value={row.latest} /> : "–"),
                },
                { id: "versions", header: t("column.versions"), align: "end", cell: (row) => formats.number(row.versions) },
                { id: "created", header: t("column.created"), nowrap: true, cell: (row) => <Time at={row.createdAt} /> },
              ]}
            />
            <TableFoot shown={rows.length} {...datasets} />
          </>
        )}
      </ListFaces>
    </Page>
  );
}
