import { Model, paths, TIERS, Tier } from "@ziggurat/contracts";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { to } from "../../lib/console-paths.js";
import { hasRole, useMe } from "../../lib/session.js";
import { useUrlState } from "../../lib/url-state.js";
import { useWords } from "../../lib/words.js";
import { ButtonLink } from "../../ui/button-link.js";
import { DataTable } from "../../ui/data-table.js";
import { FilterChip } from "../../ui/filter-chip.js";
import { FilterSelect } from "../../ui/filter-select.js";
import { FilterText } from "../../ui/filter-text.js";
import { beginAtHead, ListFaces } from "../../ui/list-faces.js";
import { Page } from "../../ui/page.js";
import { TableFoot } from "../../ui/table-foot.js";
import { UrlNotice } from "../../ui/url-notice.js";
import { usePages } from "../../ui/use-pages.js";
import { useModelColumns } from "./model-columns.js";
import { registrableTiers } from "./registrable-tiers.js";

const UrlSchema = z.object({ q: z.string().optional(), tier: Tier.optional(), inst: z.string().optional(), tag: z.string().optional() });

export function ModelsPage() {
  const { t } = useTranslation("models");
  const words = useWords();
  const columns = useModelColumns();
  const { values, rejected, set } = useUrlState(UrlSchema);
  const models = usePages({
    path: paths.models(),
    item: Model,
    query: { q: values.q, "filter[tier]": values.tier, "filter[namespace]": values.inst, "filter[tag]": values.tag },
  });
  const setText = useCallback((q: string | undefined) => set({ q }), [set]);
  const filters = [
    ...(values.q ? [{ key: "q", label: t("filter.text", { q: values.q }), onRemove: () => set({ q: undefined }) }] : []),
    ...(values.tier ? [{ key: "tier", label: words.tier(values.tier), onRemove: () => set({ tier: undefined }) }] : []),
    ...(values.inst ? [{ key: "inst", label: values.inst, onRemove: () => set({ inst: undefined }) }] : []),
    ...(values.tag ? [{ key: "tag", label: t("filter.tag", { tag: values.tag }), onRemove: () => set({ tag: undefined }) }] : []),
  ];
  const me = useMe();
  const mayRegister = registrableTiers(me).length > 0;
  const register = mayRegister ? <ButtonLink to={to.newModel()}>{t("register")}</ButtonLink> : null;
  return (
    <Page
      title={t("title")}
      actions={
        <>
          {beginAtHead(register, models, filters)}
          {mayRegister && (
            <ButtonLink to={to.registerMany()} variant="default">
              {t("many.open")}
            </ButtonLink>
          )}
          {me.scopes.includes("audit:read") && (
            <ButtonLink to={to.holds()} variant="default">
              {t("holds")}
            </ButtonLink>
          )}
          {hasRole(me, "platform_admin", "auditor", "compliance_reviewer") && (
            <ButtonLink to={to.cleanUps()} variant="default">
              {t("cleanUps")}
            </ButtonLink>
          )}
        </>
      }
    >
      <UrlNotice rejected={rejected} />
      <div className="zg-filters">
        <FilterText label={t("filter.search")} value={values.q} onChange={setText} />
        <FilterSelect
          label={t("filter.tier")}
          value={values.tier}
          options={TIERS.map((tier) => ({ value: tier, label: words.tier(tier) }))}
          onChange={(tier) => set({ tier })}
        />
        {filters
          .filter(({ key }) => key === "tag")
          .map((filter) => (
            <FilterChip key={filter.key} filter={filter} />
          ))}
      </div>
      <ListFaces read={models} filters={filters} empty={t("empty")} begin={register} noMatch={t("noMatch")}>
        {(rows) => (
          <>
            <DataTable label={t("title")} columns={columns} rows={rows} rowKey={(row) => row.id} isDimmed={models.isDimmed} />
            <TableFoot shown={rows.length} {...models} />
          </>
        )}
      </ListFaces>
    </Page>
  );
}
