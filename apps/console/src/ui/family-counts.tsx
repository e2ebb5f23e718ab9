import type { Lineage } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useFormats } from "../lib/use-formats.js";

/** How large a version's family is, as far as the viewer may see it. */
export function FamilyCounts({ counts }: { readonly counts: Lineage["counts"] }) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <span className="zg-row zg-row-wide zg-number">
      <span>{t("family.ancestors", { count: counts.ancestors, total: formats.number(counts.ancestors) })}</span>
      <span>{t("family.descendants", { count: counts.descendants, total: formats.number(counts.descendants) })}</span>
      <span>{t("family.institutions", { count: counts.institutions, total: formats.number(counts.institutions) })}</span>
    </span>
  );
}
