import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { AuditEntry, AuditVerification, paths, Slug, Timestamp } from "@ziggurat/contracts";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { useUrlState } from "../../lib/url-state.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import { DataTable } from "../../ui/data-table.js";
import { FilterText } from "../../ui/filter-text.js";
import { ListFaces } from "../../ui/list-faces.js";
import { Page } from "../../ui/page.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { usePages } from "../../ui/use-pages.js";
import { EntryPanel } from "./entry-panel.js";
import { pathOfObject } from "./path-of-object.js";
import { VerdictNote } from "./verdict-note.js";

const FILTERS = ["actor", "action", "object", "inst"] as const;
const UrlSchema = z.object({
  actor: z.string().optional(),
  action: z.string().optional(),
  object: z.string().optional(),
  inst: Slug.optional(),
  from: Timestamp.optional(),
  to: Timestamp.optional(),
  entry: z.string().optional(),
});

/** What was done, by whom, to what; chained and signed, and verified on demand. */
export function AuditPage() {
  const { t } = useTranslation("audit");
  const words = useWords();
  const formats = useFormats();
  const { values, rejected, set } = useUrlState(UrlSchema);
  const entries = usePages({
    path: paths.audit(),
    item: AuditEntry,
    query: {
      "filter[actor]": values.actor,
      "filter[action]": values.action,
      "filter[object]": values.object,
      "filter[chain]": values.inst,
      "filter[from]": values.from,
      "filter[to]": values.to,
    },
  });
  const verify = useMutation({ mutationFn: () => api.get(paths.auditVerify(), AuditVerification) });
  const active = [...FILTERS, "from", "to"] as const;
  const filters = active.flatMap((name) => {
    const value = values[name];
    return value
      ? [{ key: name, label: t("filter.is", { filter: t(`filter.${name}`), value }), onRemove: () => set({ [name]: undefined }) }]
      : [];
  });
  const chosen = entries.data?.find((entry) => entry.id === values.entry);
  return (
    <Page
      title={t("title")}
      actions={
        <Button variant="default" loading={verify.isPending} onClick={() => verify.mutate()}>
          {t("verify")}
        </Button>
      }
    >
      <UrlNotice rejected={rejected} />
      {verify.error ? <ProblemPanel error={verify.error} onRetry={() => verify.mutate()} /> : null}
      {verify.data && <VerdictNote verification={verify.data} />}
      <div className="zg-filters">
        {FILTERS.map((name) => (
          <AuditFilter key={name} name={name} value={values[name]} set={set} />
        ))}
      </div>
      <ListFaces read={entries} filters={filters} empty={t("empty")} noMatch={t("noMatch")}>
        {(rows) => (
          <>
            <DataTable<AuditEntry>
              label={t("title")}
              rows={rows}
              rowKey={(entry) => entry.id}
              isDimmed={entries.isDimmed}
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
            <TableFoot shown={rows.length} {...entries} />
          </>
        )}
      </ListFaces>
      {chosen && <EntryPanel entry={chosen} onClose={() => set({ entry: undefined })} />}
    </Page>
  );
}

interface AuditFilterProps {
  readonly name: (typeof FILTERS)[number];
  readonly value: string | undefined;
  readonly set: (patch: Readonly<Record<string, string | undefined>>) => void;
}

function AuditFilter({ name, value, set }: AuditFilterProps) {
  const { t } = useTranslation("audit");
  const onChange = useCallback((next: string | undefined) => set({ [name]: next }), [name, set]);
  return <FilterText label={t(`filter.${name}`)} value={value} onChange={onChange} />;
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
