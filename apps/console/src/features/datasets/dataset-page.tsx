import { useQuery } from "@tanstack/react-query";
import { Dataset, DatasetVersion, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { polling } from "../../lib/query-client.js";
import { useRefParam } from "../../lib/route-param.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { ButtonLink } from "../../ui/button-link.js";
import { DataTable } from "../../ui/data-table.js";
import { Digest } from "../../ui/digest.js";
import { Fact, Facts } from "../../ui/facts.js";
import { beginAtHead, ListFaces } from "../../ui/list-faces.js";
import { ObjectPage } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { Panel } from "../../ui/panel.js";
import { DatasetVersionLink } from "../../ui/ref-link.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";

/** A dataset with its versions. */
export function DatasetPage() {
  const ref = useRefParam();
  const read = useQuery({
    queryKey: [paths.dataset(ref)],
    queryFn: ({ signal }) => api.get(paths.dataset(ref), Dataset, { signal }),
    ...polling,
  });
  return <ObjectPage read={read}>{(dataset) => <DatasetView key={dataset.id} dataset={dataset} />}</ObjectPage>;
}

function DatasetView({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useTranslation("datasets");
  const words = useWords();
  const formats = useFormats();
  const versions = usePages({ path: paths.datasetVersions(dataset.ref), item: DatasetVersion });
  const upload = <ButtonLink to={to.newDatasetVersion(dataset.ref)}>{t("version.new")}</ButtonLink>;
  return (
    <Page
      title={dataset.ref}
      heading={<bdi>{dataset.ref}</bdi>}
      lead={
        <span className="zg-break" dir="auto">
          {dataset.name}
        </span>
      }
      actions={beginAtHead(upload, versions)}
    >
      <div className="zg-columns">
        <div className="zg-stack">
          <h2>{t("version.title")}</h2>
          <ListFaces read={versions} empty={t("version.empty")} begin={upload}>
            {(rows) => (
              <>
                <DataTable<DatasetVersion>
                  label={t("version.title")}
                  rows={rows}
                  rowKey={(row) => row.id}
                  columns={[
                    { id: "ref", header: t("column.version"), nowrap: true, cell: (row) => <DatasetVersionLink value={row.ref} /> },
                    { id: "rows", header: t("column.rows"), align: "end", cell: (row) => formats.number(row.rows) },
                    { id: "size", header: t("column.size"), align: "end", nowrap: true, cell: (row) => formats.bytes(row.sizeBytes) },
                    { id: "trained", header: t("column.trained"), align: "end", cell: (row) => formats.number(row.trained.length) },
                    { id: "digest", header: t("column.digest"), nowrap: true, cell: (row) => <Digest value={row.sha256} /> },
                    { id: "created", header: t("column.created"), nowrap: true, cell: (row) => <Time at={row.createdAt} /> },
                  ]}
                />
                <TableFoot shown={rows.length} {...versions} />
              </>
            )}
          </ListFaces>
        </div>
        <Panel title={t("about")}>
          <Facts>
            <Fact term={t("field.format")}>{words.t(`dataFormat.${dataset.format}`)}</Fact>
            <Fact term={t("field.licence")}>
              <bdi>{dataset.licence}</bdi>
            </Fact>
            <Fact term={t("field.legalBasis")}>{words.t(`legalBasis.${dataset.legalBasis}`)}</Fact>
            <Fact term={t("field.sensitivity")}>{words.t(`sensitivity.${dataset.sensitivity}`)}</Fact>
            <Fact term={t("field.languages")}>{dataset.languages.length > 0 ? dataset.languages.join(", ") : null}</Fact>
            <Fact term={t("field.owner")}>
              <bdi>{dataset.owner}</bdi>
            </Fact>
            <Fact term={t("field.description")}>{dataset.description ? <span dir="auto">{dataset.description}</span> : null}</Fact>
            <Fact term={t("column.created")}>
              <Time at={dataset.createdAt} />
            </Fact>
          </Facts>
        </Panel>
      </div>
    </Page>
  );
}
