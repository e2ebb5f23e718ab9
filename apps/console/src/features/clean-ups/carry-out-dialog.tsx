import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CleanUp, CleanUpPreview, type CleanUpRule, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { violationsOf } from "../../lib/api-problem.js";
import { violationText } from "../../lib/problem-text.js";
import { useFormats } from "../../lib/use-formats.js";
import { DangerDialog } from "../../ui/danger-dialog.js";
import { DataTable } from "../../ui/data-table.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { ReasonField } from "../../ui/reason-field.js";
import { VersionLink } from "../../ui/ref-link.js";
import { Time } from "../../ui/time.js";

interface CarryOutDialogProps {
  readonly rule: CleanUpRule;
  readonly onClose: () => void;
}

/** What a rule would take now, with the space that returns; carried out only as shown, and read again when that has changed. */
export function CarryOutDialog({ rule, onClose }: CarryOutDialogProps) {
  const { t } = useTranslation("retention");
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const read = useQuery({
    queryKey: [paths.cleanUpPreview(), rule.name],
    queryFn: ({ signal }) => api.send("POST", paths.cleanUpPreview(), { rule: rule.name }, CleanUpPreview, { signal }),
    staleTime: 0,
    gcTime: 0,
  });
  const execute = useMutation({
    mutationFn: (graph: string) => api.send("POST", paths.cleanUps(), { rule: rule.name, graph, reason }, CleanUp),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries();
    },
    onError: (error) => {
      if (violationsOf(error).some(({ code }) => code === "graph_changed")) void read.refetch();
    },
  });
  const preview = read.data;
  const isOpen = preview?.rule.isEnabled === true && preview.versions > 0;
  return (
    <DangerDialog
      title={t("carryOut.title", { name: rule.name })}
      effect={
        <div className="zg-stack">
          <ObjectPart read={read}>{(shown) => <Selected preview={shown} />}</ObjectPart>
          {isOpen && <ReasonField value={reason} onChange={setReason} />}
        </div>
      }
      name={rule.name}
      confirm={t("carryOut.confirm")}
      isPossible={preview === undefined || isOpen}
      isReady={isOpen && !read.isFetching && reason.trim() !== ""}
      isBusy={execute.isPending}
      error={execute.error}
      onConfirm={() => {
        if (preview !== undefined) execute.mutate(preview.graph);
      }}
      onClose={onClose}
    />
  );
}

function Selected({ preview }: { readonly preview: CleanUpPreview }) {
  const { t, i18n } = useTranslation("retention");
  const formats = useFormats();
  return (
    <>
      <p>
        {preview.versions === 0
          ? t("carryOut.nothing")
          : t("carryOut.effect", {
              count: preview.versions,
              versions: formats.number(preview.versions),
              size: formats.bytes(preview.sizeBytes),
              own: formats.bytes(preview.ownBytes),
            })}
        {preview.hasMore ? ` ${t("carryOut.more")}` : ""}
      </p>
      {!preview.rule.isEnabled && <p className="zg-note">{t("carryOut.off")}</p>}
      {preview.kept.length > 0 && (
        <ul>
          {preview.kept.map(({ code, versions }) => (
            <li key={code}>
              {t("carryOut.kept", {
                count: versions,
                versions: formats.number(versions),
                why: violationText({ code, detail: code }, i18n.language),
              })}
            </li>
          ))}
        </ul>
      )}
      {preview.first.length > 0 && (
        <DataTable
          label={t("carryOut.first")}
          rows={preview.first}
          rowKey={({ ref }) => ref}
          columns={[
            { id: "ref", header: t("carryOut.first"), cell: ({ ref }) => <VersionLink value={ref} /> },
            { id: "since", header: t("carryOut.since"), nowrap: true, cell: ({ since }) => <Time at={since} /> },
            { id: "size", header: t("cleanUps.size"), align: "end", nowrap: true, cell: ({ sizeBytes }) => formats.bytes(sizeBytes) },
          ]}
        />
      )}
    </>
  );
}
