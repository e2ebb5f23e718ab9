import { Button } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { DatasetRows, DatasetVersion, paths } from "@ziggurat/contracts";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { polling } from "../../lib/query-client.js";
import { useVersionParam } from "../../lib/route-param.js";
import { hasRole, useMe } from "../../lib/session.js";
import { useUrlState } from "../../lib/url-state.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import { Digest } from "../../ui/digest.js";
import { Fact, Facts } from "../../ui/facts.js";
import { HeldBadge, HoldAction } from "../../ui/hold-action.js";
import { ObjectPage, ObjectPart } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { Panel } from "../../ui/panel.js";
import { PurgeAction, PurgedNote } from "../../ui/purge-action.js";
import { VersionLink, VersionName } from "../../ui/ref-link.js";
import { Time } from "../../ui/time.js";
import { UrlNotice } from "../../ui/url-notice.js";
import "./datasets.css";
import { RowView } from "./row-view.js";

const RecallDialog = lazy(() => import("../../ui/recall-dialog.js"));

const PAGE_ROWS = 20;
const UrlSchema = z.object({ offset: z.coerce.number().int().min(0).optional() });

/** One exact version of a dataset: its facts, its rows, and what was trained with it. */
export function DatasetVersionPage() {
  const ref = useVersionParam();
  const read = useQuery({
    queryKey: [paths.datasetVersion(ref)],
    queryFn: ({ signal }) => api.get(paths.datasetVersion(ref), DatasetVersion, { signal }),
    ...polling,
  });
  return <ObjectPage read={read}>{(version) => <DatasetVersionView key={version.id} version={version} />}</ObjectPage>;
}

function DatasetVersionView({ version }: { readonly version: DatasetVersion }) {
  const { t } = useTranslation("datasets");
  const words = useWords();
  const formats = useFormats();
  return (
    <Page
      title={`${version.dataset} ${t("versionNumber", { number: version.number })}`}
      heading={<VersionName value={version.ref} />}
      beside={<HeldBadge isHeld={version.isHeld} />}
      lead={
        <AppLink to={to.dataset(version.dataset)}>
          <bdi>{version.dataset}</bdi>
        </AppLink>
      }
      actions={
        <>
          <Withdrawal version={version} />
          <HoldAction subject={{ kind: "dataset", ref: version.ref }} owner={version.owner} />
          <PurgeAction subject={{ dataset: version.ref }} owner={version.owner} purged={version.purged} />
        </>
      }
    >
      <PurgedNote purged={version.purged} />
      <div className="zg-columns">
        {version.purged === null ? <RowsPanel version={version} /> : <div />}
        <div className="zg-stack">
          <Panel title={t("about")}>
            <Facts>
              <Fact term={t("field.format")}>{words.t(`dataFormat.${version.format}`)}</Fact>
              <Fact term={t("column.rows")}>{formats.number(version.rows)}</Fact>
              <Fact term={t("field.characters")}>{formats.number(version.characters)}</Fact>
              <Fact term={t("column.size")}>{formats.bytes(version.sizeBytes)}</Fact>
              <Fact term={t("column.digest")}>
                <Digest value={version.sha256} />
              </Fact>
              <Fact term={t("field.createdBy")}>
                <bdi>{version.createdBy}</bdi>
              </Fact>
              <Fact term={t("column.created")}>
                <Time at={version.createdAt} />
              </Fact>
              <Fact term={t("field.notes")}>{version.notes ? <span dir="auto">{version.notes}</span> : null}</Fact>
            </Facts>
          </Panel>
          <Panel title={t("trained.title")}>
            {version.trained.length === 0 ? (
              <p className="zg-quiet">{t("trained.empty")}</p>
            ) : (
              <ul className="zg-plain">
                {version.trained.map((ref) => (
                  <li key={ref}>
                    <VersionLink value={ref} />
                  </li>
                ))}
              </ul>
            )}
          </Panel>
        </div>
      </div>
    </Page>
  );
}

/** Withdrawing data is for who governs it; the server decides again. */
function Withdrawal({ version }: { readonly version: DatasetVersion }) {
  const { t } = useTranslation("recalls");
  const me = useMe();
  const [isOpen, setOpen] = useState(false);
  if (!hasRole(me, "platform_admin", "platform_engineer", "institution_admin") || me.institution.slug !== version.owner) return null;
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {t("dialog.withdraw")}
      </Button>
      {isOpen && (
        <Suspense fallback={null}>
          <RecallDialog subject={{ dataset: version.ref }} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

/** Rows are for their owner alone; nobody else's console asks for them. */
function RowsPanel({ version }: { readonly version: DatasetVersion }) {
  const { t } = useTranslation("datasets");
  const me = useMe();
  if (me.institution.slug === version.owner) return <OwnRows version={version} />;
  return (
    <Panel title={t("rows.title")}>
      <p className="zg-quiet">{t("rows.ofOwner", { owner: version.owner })}</p>
    </Panel>
  );
}

function OwnRows({ version }: { readonly version: DatasetVersion }) {
  const { t } = useTranslation("datasets");
  const formats = useFormats();
  const { values, rejected, set } = useUrlState(UrlSchema);
  const offset = values.offset ?? 0;
  const read = useQuery({
    queryKey: [paths.datasetRows(version.ref), offset],
    queryFn: ({ signal }) => api.get(paths.datasetRows(version.ref), DatasetRows, { signal, query: { offset, limit: PAGE_ROWS } }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Panel title={t("rows.title")} flush>
      <UrlNotice rejected={rejected} />
      <ObjectPart read={read}>
        {(page) => (
          <>
            <ol className={read.isPlaceholderData ? "zg-rows zg-dimmed" : "zg-rows"} aria-label={t("rows.title")}>
              {page.rows.map((row) => (
                <li key={row.line}>
                  <span className="zg-rows-line zg-number" title={t("rows.line", { line: row.line })}>
                    {formats.number(row.line)}
                  </span>
                  <RowView value={row.value} />
                </li>
              ))}
            </ol>
            <div className="zg-table-foot">
              <span>
                {page.total === 0
                  ? t("rows.none")
                  : t("rows.range", {
                      from: formats.number(page.offset + 1),
                      until: formats.number(page.offset + page.rows.length),
                      total: formats.number(page.total),
                    })}
              </span>
              <span className="zg-row">
                <Button variant="default" disabled={offset === 0} onClick={() => set({ offset: String(Math.max(0, offset - PAGE_ROWS)) })}>
                  {t("rows.previous")}
                </Button>
                <Button
                  variant="default"
                  disabled={offset + page.rows.length >= page.total}
                  onClick={() => set({ offset: String(offset + PAGE_ROWS) })}
                >
                  {t("rows.next")}
                </Button>
              </span>
            </div>
          </>
        )}
      </ObjectPart>
    </Panel>
  );
}
