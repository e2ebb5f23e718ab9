import { EXPORT_FORMATS, type ExportFormat, paths, ReportLanguage, type VersionState } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { saveFile } from "../lib/save-file.js";
import { Menu, type MenuItem } from "./menu.js";

/** States that a version reaches only through a release, which is when it is signed. */
const SIGNED: readonly VersionState[] = ["released", "deprecated", "retired"];
const FORMATS = Object.keys(EXPORT_FORMATS).filter((name): name is ExportFormat => name in EXPORT_FORMATS);

interface ExportMenuProps {
  readonly version: string;
  readonly state: VersionState;
}

/** A version's ancestry in the formats of other programs, and the signature of its release, each as a file to save. */
export function ExportMenu({ version, state }: ExportMenuProps) {
  const { t, i18n } = useTranslation();
  const language = ReportLanguage.safeParse(i18n.language).data;
  const draft = state === "draft" ? { closed: t("export.draft") } : {};
  const unsigned = SIGNED.includes(state) ? {} : { closed: t("export.unsigned") };
  const items: MenuItem[] = [
    ...FORMATS.map((format) => ({
      key: format,
      label: t(`export.format.${format}`),
      ...draft,
      onChoose: () => saveFile(paths.lineageExport(version, format, format === "report" ? language : undefined)),
    })),
    { key: "signature", label: t("export.signature"), ...unsigned, onChoose: () => saveFile(paths.signature(version)) },
    { key: "key", label: t("export.key"), onChoose: () => saveFile(paths.signingKey(), "model-signing.pem") },
  ];
  return <Menu label={t("export.title")} face={t("export.title")} className="zg-button zg-button-plain" items={items} />;
}
