import { NativeSelect } from "@mantine/core";
import { Month, MonthSummary, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { to } from "../../lib/console-paths.js";
import { useMe } from "../../lib/session.js";
import { useUrlState } from "../../lib/url-state.js";
import { useFormats } from "../../lib/use-formats.js";
import { ButtonLink } from "../../ui/button-link.js";
import { ListSection } from "../../ui/list-section.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { usePages } from "../../ui/use-pages.js";
import { ClosedBadge, MonthView } from "./month-view.js";

const UrlSchema = z.object({ month: Month.optional() });

/** The months that something was charged in, one of them open; of one institution, or of all for the platform's people. */
export function Months({ slug }: { readonly slug: string | null }) {
  const { t } = useTranslation("statements");
  const me = useMe();
  const formats = useFormats();
  const { values, rejected, set } = useUrlState(UrlSchema);
  const isPlatform = me.institution.slug === "platform";
  const query = isPlatform && slug !== null ? { "filter[institution]": slug } : {};
  const read = usePages({ path: paths.statements(), item: MonthSummary, query });
  const months = read.data ?? [];
  const month = values.month ?? months[0]?.month;
  const choices = months.map((row) => ({ value: row.month, label: t(row.isClosed ? "monthClosed" : "monthOpen", { month: row.month }) }));
  const isListed = month === undefined || choices.some(({ value }) => value === month);
  return (
    <div className="zg-stack zg-stack-wide">
      <UrlNotice rejected={rejected} />
      <div className="zg-spread">
        <div className="zg-filters">
          {month !== undefined && (
            <NativeSelect
              label={t("month")}
              value={month}
              data={isListed ? choices : [{ value: month, label: month }, ...choices]}
              onChange={(event) => set({ month: event.currentTarget.value })}
            />
          )}
        </div>
        <div className="zg-row">
          {isPlatform && slug !== null && (
            <ButtonLink to={to.allStatements({ month })} variant="default">
              {t("all")}
            </ButtonLink>
          )}
          {me.scopes.includes("clusters:read") && (
            <ButtonLink to={to.prices()} variant="default">
              {t("prices")}
            </ButtonLink>
          )}
        </div>
      </div>
      {month !== undefined && <MonthView key={`${month} ${slug}`} month={month} slug={slug} />}
      <ListSection<MonthSummary>
        title={t("months")}
        read={read}
        empty={t("empty")}
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
    </div>
  );
}
