import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type InstitutionExit, InstitutionExport, type InstitutionExportState, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { saveFile } from "../../lib/save-file.js";
import { useFormats } from "../../lib/use-formats.js";
import { type Column, DataTable } from "../../ui/data-table.js";
import type { GlyphName } from "../../ui/glyph.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { StateBadge, type Tone } from "../../ui/state-badge.js";
import { Time } from "../../ui/time.js";

const LOOK: Record<InstitutionExportState, readonly [GlyphName, Tone]> = {
  queued: ["queue", "quiet"],
  running: ["play", "active"],
  done: ["checked", "good"],
  failed: ["failed", "bad"],
  cancelled: ["stop", "quiet"],
};

/** Archives of all that is the institution's: made, watched, taken along. Only its own administrators download them. */
export function ExportsPanel({ leaving }: { readonly leaving: InstitutionExit }) {
  const { t } = useTranslation("exit");
  const queryClient = useQueryClient();
  const { institution, exports, actions, mayDownload } = leaving;
  const refresh = () => queryClient.invalidateQueries({ queryKey: [paths.exit(institution)] });
  const request = useMutation({
    mutationFn: () => api.send("POST", paths.exitExports(institution), undefined, InstitutionExport),
    onSuccess: refresh,
  });
  const cancel = useMutation({
    mutationFn: (id: string) => api.send("POST", paths.exitExportCancel(institution, id), undefined, InstitutionExport),
    onSuccess: refresh,
  });
  const isUnderWay = exports.some(({ state }) => state === "queued" || state === "running");
  const columns = useColumns();
  const act: Column<InstitutionExport> = {
    id: "act",
    header: <span className="zg-visually-hidden">{t("exports.actions")}</span>,
    align: "end",
    cell: (row) => {
      if (!mayDownload) return null;
      if (row.state === "done") {
        return row.id === exports.find(({ state }) => state === "done")?.id ? (
          <button
            type="button"
            className="zg-link-button"
            onClick={() => saveFile(paths.exitExportArchive(institution, row.id), `${institution}.tar`)}
          >
            {t("exports.download")}
          </button>
        ) : null;
      }
      return row.state === "queued" || row.state === "running" ? (
        <button type="button" className="zg-link-button" disabled={cancel.isPending} onClick={() => cancel.mutate(row.id)}>
          {t("exports.cancel")}
        </button>
      ) : null;
    },
  };
  const make = actions.includes("export") && (
    <Button variant="default" disabled={isUnderWay} loading={request.isPending} onClick={() => request.mutate()}>
      {t("exports.make")}
    </Button>
  );
  return (
    <section className="zg-stack" aria-label={t("exports.title")}>
      <div className="zg-spread">
        <h2>{t("exports.title")}</h2>
        {make}
      </div>
      <p className="zg-quiet">{t(mayDownload ? "exports.lead" : "exports.leadOfOthers")}</p>
      {request.error || cancel.error ? <ProblemPanel error={request.error ?? cancel.error} /> : null}
      {exports.length === 0 ? (
        <div className="zg-framed">
          <p className="zg-face">{t("exports.empty")}</p>
        </div>
      ) : (
        <DataTable<InstitutionExport> label={t("exports.title")} rows={exports} rowKey={(row) => row.id} columns={[...columns, act]} />
      )}
    </section>
  );
}

function useColumns(): Column<InstitutionExport>[] {
  const { t } = useTranslation("exit");
  const formats = useFormats();
  return [
    { id: "asOf", header: t("exports.asOf"), nowrap: true, cell: (row) => <Time at={row.asOf ?? row.requestedAt} /> },
    {
      id: "state",
      header: t("exports.state"),
      cell: (row) => {
        const [glyph, tone] = LOOK[row.state];
        return (
          <>
            <StateBadge glyph={glyph} tone={tone} word={t(`exports.is.${row.state}`)} />
            {row.state === "done" && <div className="zg-quiet zg-small">{t(row.isCurrent ? "exports.current" : "exports.old")}</div>}
            {row.detail && <div className="zg-small zg-break">{row.detail}</div>}
          </>
        );
      },
    },
    {
      id: "progress",
      header: t("exports.progress"),
      cell: (row) =>
        row.state === "running" && row.bytes.total !== null && row.bytes.total > 0 ? (
          <>
            <progress className="zg-meter zg-meter-short" value={row.bytes.done} max={row.bytes.total} aria-label={t("exports.progress")} />
            <div className="zg-quiet zg-small">
              {t("steps.of", { done: formats.bytes(row.bytes.done), all: formats.bytes(row.bytes.total) })}
            </div>
          </>
        ) : row.state === "done" ? (
          formats.bytes(row.bytes.done)
        ) : (
          "–"
        ),
    },
    { id: "by", header: t("exports.by"), cell: (row) => <bdi className="zg-clip">{row.requestedBy}</bdi> },
  ];
}
