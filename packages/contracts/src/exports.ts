import { z } from "zod";

/** The open formats an ancestry can be taken out in; media type and ending of the file each. */
export const EXPORT_FORMATS = {
  openlineage: { mediaType: "application/json", ending: "openlineage.json" },
  cyclonedx: { mediaType: "application/vnd.cyclonedx+json; version=1.7", ending: "cdx.json" },
  prov: { mediaType: "application/provenance+json", ending: "prov.json" },
  report: { mediaType: "text/markdown; charset=utf-8; variant=GFM", ending: "report.md" },
  intoto: { mediaType: "application/vnd.in-toto.bundle", ending: "intoto.jsonl" },
} as const;
export type ExportFormat = keyof typeof EXPORT_FORMATS;
export const ExportFormat = z.enum(["openlineage", "cyclonedx", "prov", "report", "intoto"]);

export const REPORT_LANGUAGES = ["en", "zh"] as const;
export const ReportLanguage = z.enum(REPORT_LANGUAGES);
export type ReportLanguage = z.infer<typeof ReportLanguage>;

/** `language` is of the report, the one format that speaks to people. */
export const ExportQuery = z
  .strictObject({ format: ExportFormat, language: ReportLanguage.optional() })
  .refine(({ format, language }) => language === undefined || format === "report", {
    message: "only the report has a language",
    path: ["language"],
  });
export type ExportQuery = z.infer<typeof ExportQuery>;

/** Media type of a release's signature, `model.sig`. */
export const SIGNATURE_MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";

/** Name a file of an export is saved under: `northbank-cards-4.cdx.json`. */
export function exportFileName(ref: string, format: ExportFormat): string {
  return `${ref.replace(/[/@]/g, "-")}.${EXPORT_FORMATS[format].ending}`;
}
