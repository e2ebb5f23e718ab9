import { Button } from "@mantine/core";
import { PRICE_STATES, Price, PriceState, PriceSubject, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { hasRole, useMe } from "../../lib/session.js";
import { useUrlState } from "../../lib/url-state.js";
import { DataTable } from "../../ui/data-table.js";
import { FilterSelect } from "../../ui/filter-select.js";
import { beginAtHead, ListFaces } from "../../ui/list-faces.js";
import { Page } from "../../ui/page.js";
import { TableFoot } from "../../ui/table-foot.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { usePages } from "../../ui/use-pages.js";
import { usePriceColumns } from "./price-columns.js";
import { SetPriceDialog } from "./set-price-dialog.js";
import { useSubjects } from "./use-subjects.js";

const UrlSchema = z.object({ subject: PriceSubject.optional(), state: PriceState.optional() });

/** What use costs, from when: everybody reads it, the platform's administrators set it. */
export function PricesPage() {
  const { t } = useTranslation("prices");
  const me = useMe();
  const { values, rejected, set } = useUrlState(UrlSchema);
  const [isSetting, setSetting] = useState(false);
  const { choices, nameOf } = useSubjects(values.subject);
  const query = { "filter[subject]": values.subject, "filter[state]": values.state };
  const read = usePages({ path: paths.prices(), item: Price, query });
  const columns = usePriceColumns(nameOf);
  const filters = [
    ...(values.subject ? [{ key: "subject", label: nameOf(values.subject), onRemove: () => set({ subject: undefined }) }] : []),
    ...(values.state ? [{ key: "state", label: t(`is.${values.state}`), onRemove: () => set({ state: undefined }) }] : []),
  ];
  const begin = hasRole(me, "platform_admin") ? <Button onClick={() => setSetting(true)}>{t("set")}</Button> : null;
  return (
    <Page title={t("title")} lead={t("lead")} actions={beginAtHead(begin, read, filters)}>
      <UrlNotice rejected={rejected} />
      <ul className="zg-quiet zg-points">
        {(["run", "charged", "until"] as const).map((rule) => (
          <li key={rule}>{t(`rule.${rule}`)}</li>
        ))}
      </ul>
      <div className="zg-filters">
        <FilterSelect label={t("column.subject")} value={values.subject} options={choices} onChange={(subject) => set({ subject })} />
        <FilterSelect
          label={t("column.state")}
          value={values.state}
          options={PRICE_STATES.map((state) => ({ value: state, label: t(`is.${state}`) }))}
          onChange={(state) => set({ state })}
        />
      </div>
      <ListFaces read={read} filters={filters} empty={t("empty")} begin={begin} noMatch={t("noMatch")}>
        {(rows) => (
          <>
            <DataTable<Price> label={t("title")} rows={rows} rowKey={(row) => row.id} columns={columns} isDimmed={read.isDimmed} />
            <TableFoot shown={rows.length} {...read} />
          </>
        )}
      </ListFaces>
      {isSetting && <SetPriceDialog subject={values.subject ?? null} onClose={() => setSetting(false)} />}
    </Page>
  );
}
