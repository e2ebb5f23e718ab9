import { Button, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Month, MonthStatement, MonthSummary, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { api } from "../../lib/api-client.js";
import { saveFile } from "../../lib/save-file.js";
import { hasRole, useMe } from "../../lib/session.js";
import { useUrlState } from "../../lib/url-state.js";
import { useFormats } from "../../lib/use-formats.js";
import { DataTable } from "../../ui/data-table.js";
import { ListFaces } from "../../ui/list-faces.js";
import { Page } from "../../ui/page.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { Skeleton } from "../../ui/skeleton.js";
import { StateBadge } from "../../ui/state-badge.js";
import { TableFoot } from "../../ui/table-foot.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { usePages } from "../../ui/use-pages.js";
import { CloseMonthDialog } from "./close-month-dialog.js";
import { StatementLines } from "./statement-lines.js";
import { SumsTable } from "./sums-table.js";

const UrlSchema = z.object({ inst: z.string().optional(), month: Month.optional() });

/** What each month came to: an institution its own, the platform everybody's. */
export function StatementsPage() {
  const { t } = useTranslation("statements");
  const me = useMe();
  const formats = useFormats();
  const { values, rejected, set } = useUrlState(UrlSchema);
  const isPlatform = me.institution.slug === "platform";
  const slug = values.inst ?? (isPlatform ? undefined : me.institution.slug);
  const query = isPlatform && slug !== undefined ? { "filter[institution]": slug } : {};
  const read = usePages({ path: paths.statements(), item: MonthSummary, query });
  const months = read.data ?? [];
  const month = values.month ?? months[0]?.month;
  return (
    <Page title={slug === undefined ? t("titleAll") : t("titleOf", { slug })} lead={t("lead")}>
      <UrlNotice rejected={rejected} />
      {months.length > 0 && (
        <div className="zg-filters">
          <NativeSelect
            label={t("month")}
            value={month ?? ""}
            data={months.map((row) => ({ value: row.month, label: t(row.isClosed ? "monthClosed" : "monthOpen", { month: row.month }) }))}
            onChange={(event) => set({ month: event.currentTarget.value })}
          />
        </div>
      )}
      {month !== undefined && <MonthView key={`${month} ${slug}`} month={month} slug={slug} onInstitution={(inst) => set({ inst })} />}
      <h2>{t("months")}</h2>
      <ListFaces read={read} empty={t("empty")}>
        {(rows) => (
          <>
            <DataTable<MonthSummary>
              label={t("months")}
              rows={rows}
              rowKey={(row) => row.month}
              columns={[
                {
                  id: "month",
                  header: t("month"),
                  cell: (row) => (
                    <button type="button" className="zg-link-button" onClick={() => set({ month: row.month })}>
                      {row.month}
                    </button>
                  ),
                },
                { id: "state", header: t("state"), cell: (row) => <ClosedBadge isClosed={row.isClosed} /> },
                { id: "total", header: t("total"), align: "end", cell: (row) => formats.money(row.total, row.currency) },
              ]}
            />
            <TableFoot shown={rows.length} {...read} />
          </>
        )}
      </ListFaces>
    </Page>
  );
}

interface MonthViewProps {
  readonly month: string;
  readonly slug: string | undefined;
  readonly onInstitution: (institution: string) => void;
}

function MonthView({ month, slug, onInstitution }: MonthViewProps) {
  const { t } = useTranslation("statements");
  const me = useMe();
  const formats = useFormats();
  const [isClosing, setClosing] = useState(false);
  const isPlatform = me.institution.slug === "platform";
  const path = `${paths.statement(month)}${isPlatform && slug !== undefined ? `?filter[institution]=${slug}` : ""}`;
  const { data, error, refetch } = useQuery({ queryKey: [path], queryFn: ({ signal }) => api.get(path, MonthStatement, { signal }) });
  if (error) return <ProblemPanel error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton />;
  const { statement, sums, currency, isClosed } = data;
  const isOver = month < new Date().toISOString().slice(0, 7);
  const mayClose = hasRole(me, "platform_admin") && !isClosed && isOver;
  return (
    <section className="zg-stack" aria-label={t("of", { month })}>
      <div className="zg-spread">
        <div className="zg-row">
          <h2>{t("of", { month })}</h2>
          <ClosedBadge isClosed={isClosed} />
        </div>
        <div className="zg-row">
          <Button variant="default" onClick={() => saveFile(paths.statementExport(month, isPlatform ? slug : undefined))}>
            {t("export")}
          </Button>
          {mayClose && slug === undefined && <Button onClick={() => setClosing(true)}>{t("close")}</Button>}
        </div>
      </div>
      {statement && (
        <>
          {!isClosed && <p className="zg-quiet">{t("stillOpen")}</p>}
          <p>
            <strong>{t("totalOf", { amount: formats.money(statement.total, currency) })}</strong>
          </p>
          <StatementLines statement={statement} />
        </>
      )}
      {sums && slug === undefined && <SumsTable sums={sums} currency={currency} onChoose={onInstitution} />}
      {isClosing && <CloseMonthDialog month={month} onClose={() => setClosing(false)} />}
    </section>
  );
}

function ClosedBadge({ isClosed }: { readonly isClosed: boolean }) {
  const { t } = useTranslation("statements");
  return <StateBadge glyph={isClosed ? "sealed" : "draft"} tone={isClosed ? "good" : "quiet"} word={t(isClosed ? "closed" : "open")} />;
}
