import { paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { saveFile } from "../../lib/save-file.js";
import { Menu } from "../../ui/menu.js";
import { type AuditUrl, filtersOf } from "./audit-query.js";

/** Takes the log along as a signed file: what the filters show, or a whole chain; and the key to check it with. */
export function ExportMenu({ values }: { readonly values: AuditUrl }) {
  const { t } = useTranslation("audit");
  const chain = values.inst;
  return (
    <Menu
      className="zg-button"
      face={t("export.button")}
      head={t("export.head")}
      items={[
        { key: "shown", label: t("export.shown"), onChoose: () => saveFile(exportAddress({ ...filtersOf(values), proofs: "each" })) },
        { key: "whole", label: t("export.whole"), onChoose: () => saveFile(exportAddress({ "filter[chain]": chain, proofs: "none" })) },
        { key: "key", label: t("export.key"), onChoose: () => saveFile(paths.auditKey(), "audit-key.pem") },
      ]}
    />
  );
}

export function exportAddress(query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `${paths.auditExport()}?${new URLSearchParams(given)}`;
}
