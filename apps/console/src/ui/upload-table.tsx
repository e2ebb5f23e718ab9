import { Button } from "@mantine/core";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { type FileUpload, shareOf } from "../lib/upload-state.js";
import { useFormats } from "../lib/use-formats.js";
import { DataTable } from "./data-table.js";
import { Digest } from "./digest.js";
import { Glyph } from "./glyph.js";
import { ProblemPanel } from "./problem-panel.js";
import { StateBadge } from "./state-badge.js";

interface UploadTableProps {
  readonly uploads: readonly FileUpload[];
  readonly onRemove: (id: string) => void;
  readonly onRetry: (id: string) => void;
}

/** Files on their way, each with its progress and, once known, its digest. */
export function UploadTable({ uploads, onRemove, onRetry }: UploadTableProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (uploads.length === 0) return null;
  return (
    <div className="zg-framed">
      <DataTable
        label={t("upload.files")}
        rows={uploads}
        rowKey={(row) => row.id}
        columns={[
          { id: "path", header: t("upload.path"), cell: (row) => <bdi className="zg-clip">{row.path}</bdi> },
          { id: "size", header: t("upload.size"), align: "end", nowrap: true, cell: (row) => formats.bytes(row.sizeBytes) },
          {
            id: "progress",
            header: t("upload.progress"),
            cell: (row) =>
              row.phase === "failed" ? (
                <ProblemPanel error={row.error} onRetry={() => onRetry(row.id)} />
              ) : row.phase === "done" ? (
                <StateBadge glyph="checked" tone="good" word={t("upload.phase.done")} />
              ) : (
                <UploadProgress upload={row} />
              ),
          },
          { id: "digest", header: t("digest"), nowrap: true, cell: (row) => (row.sha256 ? <Digest value={row.sha256} /> : "–") },
          {
            id: "remove",
            header: <span className="zg-visually-hidden">{t("upload.actions")}</span>,
            align: "end",
            cell: (row) => (
              <button
                type="button"
                className="zg-icon-button"
                onClick={() => onRemove(row.id)}
                aria-label={t("upload.remove", { path: row.path })}
              >
                <Glyph name="cross" />
              </button>
            ),
          },
        ]}
      />
    </div>
  );
}

function UploadProgress({ upload }: { readonly upload: FileUpload }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const share = shareOf(upload);
  return (
    <span className="zg-row">
      <progress className="zg-meter zg-meter-short" value={share} max={1} aria-label={t("upload.progressOf", { path: upload.path })} />
      <span className="zg-quiet zg-small">
        {t(`upload.phase.${upload.phase}`)} {formats.share(share)}
      </span>
    </span>
  );
}

/** Chooses files by dialog or by dropping them. */
export function FilePicker({
  onFiles,
  multiple = true,
  accept,
}: {
  readonly onFiles: (files: File[]) => void;
  readonly multiple?: boolean;
  readonly accept?: string;
}) {
  const { t } = useTranslation();
  const id = useId();
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way beside the button inside
    <div
      className="zg-drop"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        onFiles([...event.dataTransfer.files]);
      }}
    >
      <input
        id={id}
        type="file"
        className="zg-visually-hidden"
        multiple={multiple}
        accept={accept}
        aria-label={t("upload.choose")}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
      <Button component="label" htmlFor={id} variant="default">
        {t("upload.choose")}
      </Button>
      <span className="zg-quiet">{t("upload.drop")}</span>
    </div>
  );
}
