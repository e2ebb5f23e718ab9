import { useTranslation } from "react-i18next";
import { Glyph } from "./glyph.js";

/** A filter in force, as its chip reads, and how to take it away. */
export interface ActiveFilter {
  readonly key: string;
  readonly label: string;
  readonly onRemove: () => void;
}

export function FilterChip({ filter }: { readonly filter: ActiveFilter }) {
  const { t } = useTranslation();
  return (
    <span className="zg-chip">
      <bdi className="zg-clip">{filter.label}</bdi>
      <button type="button" className="zg-icon-button" onClick={filter.onRemove} aria-label={t("removeFilter", { filter: filter.label })}>
        <Glyph name="cross" />
      </button>
    </span>
  );
}
