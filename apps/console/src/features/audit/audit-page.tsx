import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { AuditEntry, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { useUrlState } from "../../lib/url-state.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import { DataTable } from "../../ui/data-table.js";
import { ListFaces } from "../../ui/list-faces.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { usePages } from "../../ui/use-pages.js";
import { AuditFilters } from "./audit-filters.js";
import { AuditUrl, filtersOf } from "./audit-query.js";
import { EntryPanel } from "./entry-panel.js";
import { ExportMenu } from "./export-menu.js";
import { pathOfObject } from "./path-of-object.js";
import { useVerification } from "./use-verification.js";
import { VerificationPanel } from "./verification-panel.js";

const FILTERS = ["q", "actor", "action", "object", "inst", "from", "to"] as const;

/** What was done, by whom, to what; chained and signed, verified on demand, and taken along as a file that proves itself. */
export function AuditPage() {
  const { t } = useTranslation("audit");
  const formats = useFormats();
  const words = useWords();
  const { values, rejected, set } = useUrlState(AuditUrl);
  const entries = usePages({ path: paths.audit(), item: AuditEntry, query: filtersOf(values) });
  const verification = useVerification();
  const shown = { ...values, ...(values.action ? { action: words.known("action", values.action) } : {}) };
  const filters = FILTERS.flatMap((name) => {
    const value = shown[name];
    const said = value && (name === "from" || name === "to") ? formats.time(value) : value;
    const label = t(`filter.${name === "q" ? "text" : name}`);
    return said ? [{ key: name, label: t("filter.is", { filter: label, value: said }), onRemove: () => set({ [name]: undefined }) }] : [];
  });
  return (
    <Page
      title={t("title")}
      actions={
        <>
          <Button variant="default" loading={verification.isBusy} onClick={verification.start}>
            {t("verify")}
          </Button>
          <ExportMenu values={values} />
        </>
      }
    >
      <UrlNotice rejected={rejected} />
      {verification.error ? <ProblemPanel error={verification.error} onRetry={verification.start} /> : null}
      {verification.run && <VerificationPanel run={verification.run} />}
      <AuditFilters values={values} set={set} />
      <ListFaces read={entries} filters={filters} empty={t("empty")} noMatch={t("noMatch")}>
        {(rows) => (
          <>
            <EntryTable rows={rows} isDimmed={entries.isDimmed} values={values} />
            <TableFoot shown={rows.length} {...entries} />
          </>
        )}
      </ListFaces>
      {values.entry !== undefined && (
        <LinkedEntry
          key={values.entry}
          id={values.entry}
          listed={entries.data?.find((entry) => entry.id === values.entry)}
          onClose={() => set({ entry: undefined })}
        />
      )}
    </Page>
  );
}

interface EntryTableProps {
  readonly rows: readonly AuditEntry[];
  readonly isDimmed: boolean;
  readonly values: AuditUrl;
}

function EntryTable({ rows, isDimmed, values }: EntryTableProps) {
  const { t } = useTranslation("audit");
  const words = useWords();
  const formats = useFormats();
  return (
    <DataTable<AuditEntry>
      label={t("title")}
      rows={rows}
      rowKey={(entry) => entry.id}
      isDimmed={isDimmed}
      columns={[
        {
          id: "sequence",
          header: t("column.sequence"),
          nowrap: true,
          cell: (entry) => (
            <AppLink to={to.audit({ ...values, entry: entry.id })}>
              {entry.sequence === null ? t("pending") : `#${formats.number(entry.sequence)}`}
            </AppLink>
          ),
        },
        { id: "chain", header: t("column.chain"), nowrap: true, cell: (entry) => <bdi>{entry.chain}</bdi> },
        { id: "at", header: t("column.at"), nowrap: true, cell: (entry) => <Time at={entry.at} /> },
        {
          id: "actor",
          header: t("column.actor"),
          cell: (entry) => (
            <bdi className="zg-clip zg-clip-short" title={entry.actorName}>
              {entry.actorName}
            </bdi>
          ),
        },
        { id: "action", header: t("column.action"), nowrap: true, cell: (entry) => words.known("action", entry.action) },
        { id: "object", header: t("column.object"), cell: (entry) => <ObjectLink object={entry.object} /> },
        {
          id: "reason",
          header: t("column.reason"),
          cell: (entry) => (
            <bdi className="zg-clip zg-clip-middle" title={entry.reason}>
              {entry.reason || "–"}
            </bdi>
          ),
        },
      ]}
    />
  );
}

interface LinkedEntryProps {
  readonly id: string;
  /** The entry, where the list on the page has it. */
  readonly listed: AuditEntry | undefined;
  readonly onClose: () => void;
}

/** The entry that the address names, wherever in the log it stands. */
function LinkedEntry({ id, listed, onClose }: LinkedEntryProps) {
  const read = useQuery({
    queryKey: [paths.auditEntry(id)],
    enabled: listed === undefined,
    queryFn: ({ signal }) => api.get(paths.auditEntry(id), AuditEntry, { signal }),
  });
  if (listed !== undefined) return <EntryPanel entry={listed} onClose={onClose} />;
  return <ObjectPart read={read}>{(entry) => <EntryPanel entry={entry} onClose={onClose} />}</ObjectPart>;
}

function ObjectLink({ object }: { readonly object: string }) {
  const path = pathOfObject(object);
  if (!path)
    return (
      <bdi className="zg-clip zg-clip-middle" title={object}>
        {object}
      </bdi>
    );
  return (
    <AppLink to={path} className="zg-clip zg-clip-middle" title={object}>
      <bdi>{object}</bdi>
    </AppLink>
  );
}
