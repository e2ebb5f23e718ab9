import { TextInput } from "@mantine/core";
import { RELATIONS, TIERS, VERSION_STATES } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { useWords } from "../../lib/words.js";
import { FilterSelect } from "../../ui/filter-select.js";
import { FilterText } from "../../ui/filter-text.js";

/** The filter as it stands in the URL. `at` is a day, or an instant in a copied link. */
export const FilterUrl = {
  rel: z.enum(RELATIONS).optional(),
  tier: z.enum(TIERS).optional(),
  state: z.enum(VERSION_STATES).optional(),
  inst: z.string().max(64).optional(),
  at: z.union([z.iso.date(), z.iso.datetime()]).optional(),
};
const Schema = z.object(FilterUrl);
type FilterValues = z.infer<typeof Schema>;

/** A day means its end. */
export function filterQuery({ rel, tier, state, inst, at }: FilterValues) {
  return { relation: rel, tier, state, owner: inst, at: at?.length === 10 ? `${at}T23:59:59.999Z` : at };
}

interface LineageFiltersProps {
  readonly values: FilterValues;
  readonly onChange: (patch: Readonly<Record<string, string | undefined>>) => void;
}

/** What is shown of a family, and of which day. */
export function LineageFilters({ values, onChange }: LineageFiltersProps) {
  const { t } = useTranslation("lineage");
  const words = useWords();
  return (
    <>
      <FilterSelect
        label={t("filter.relation")}
        value={values.rel}
        options={RELATIONS.map((value) => ({ value, label: words.t(`relation.${value}`) }))}
        onChange={(rel) => onChange({ rel })}
      />
      <FilterSelect
        label={t("filter.tier")}
        value={values.tier}
        options={TIERS.map((value) => ({ value, label: words.t(`tier.${value}`) }))}
        onChange={(tier) => onChange({ tier })}
      />
      <FilterSelect
        label={t("filter.state")}
        value={values.state}
        options={VERSION_STATES.filter((value) => value !== "draft").map((value) => ({ value, label: words.t(`versionState.${value}`) }))}
        onChange={(state) => onChange({ state })}
      />
      <FilterText label={t("filter.institution")} value={values.inst} onChange={(inst) => onChange({ inst })} />
      <TextInput
        type="date"
        label={t("filter.at")}
        value={values.at?.slice(0, 10) ?? ""}
        onChange={(event) => onChange({ at: event.currentTarget.value || undefined })}
      />
    </>
  );
}
