import { AUDIT_ACTIONS } from "@ziggurat/contracts";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useWords } from "../../lib/words.js";
import { FilterSelect } from "../../ui/filter-select.js";
import { FilterText } from "../../ui/filter-text.js";
import { FilterTime } from "../../ui/filter-time.js";
import type { AuditUrl } from "./audit-query.js";

interface AuditFiltersProps {
  readonly values: AuditUrl;
  readonly set: (patch: Readonly<Record<string, string | undefined>>) => void;
}

/** What narrows the log. */
export function AuditFilters({ values, set }: AuditFiltersProps) {
  const { t } = useTranslation("audit");
  const words = useWords();
  const known = AUDIT_ACTIONS.map((action) => ({ value: action as string, label: words.known("action", action) }));
  // An address may ask for all of a noun, such as `job`.
  const asked = values.action !== undefined && !known.some(({ value }) => value === values.action) ? values.action : null;
  const actions = [...(asked === null ? [] : [{ value: asked, label: asked }]), ...known];
  return (
    <div className="zg-filters">
      <TextFilter name="q" label={t("filter.text")} placeholder={t("filter.textHint")} value={values.q} set={set} />
      <TextFilter name="actor" label={t("filter.actor")} value={values.actor} set={set} />
      <FilterSelect label={t("filter.action")} value={values.action} options={actions} onChange={(action) => set({ action })} />
      <TextFilter name="object" label={t("filter.object")} value={values.object} set={set} />
      <TextFilter name="inst" label={t("filter.inst")} value={values.inst} set={set} />
      <FilterTime label={t("filter.from")} value={values.from} onChange={(from) => set({ from })} />
      <FilterTime label={t("filter.to")} value={values.to} onChange={(to) => set({ to })} />
    </div>
  );
}

interface TextFilterProps {
  readonly name: "q" | "actor" | "object" | "inst";
  readonly label: string;
  readonly placeholder?: string;
  readonly value: string | undefined;
  readonly set: AuditFiltersProps["set"];
}

function TextFilter({ name, value, set, ...field }: TextFilterProps) {
  const onChange = useCallback((next: string | undefined) => set({ [name]: next }), [name, set]);
  return <FilterText {...field} value={value} onChange={onChange} />;
}
