import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ExitPreview, InstitutionExit, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useFormats } from "../../lib/use-formats.js";
import { DangerDialog } from "../../ui/danger-dialog.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { ReasonField } from "../../ui/reason-field.js";
import { Blockers } from "./blockers.js";

interface StartExitDialogProps {
  readonly institution: string;
  readonly onClose: () => void;
}

/** Begins the exit, after what goes and what stands in the way was read. */
export function StartExitDialog({ institution, onClose }: StartExitDialogProps) {
  const { t } = useTranslation("exit");
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const preview = useQuery({
    queryKey: [paths.exitAct(institution, "preview")],
    queryFn: () => api.send("POST", paths.exitAct(institution, "preview"), undefined, ExitPreview),
    gcTime: 0,
  });
  const start = useMutation({
    mutationFn: (mark: string) =>
      api.send("POST", paths.exitAct(institution, "start"), { confirm: institution, mark, reason }, InstitutionExit),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries();
    },
    onError: () => preview.refetch(),
  });
  return (
    <DangerDialog
      title={t("start.title", { slug: institution })}
      effect={
        <div className="zg-stack">
          <p>{t("start.effect", { slug: institution })}</p>
          <ObjectPart read={preview}>{(shown) => <Shown preview={shown} />}</ObjectPart>
          <ReasonField value={reason} onChange={setReason} />
        </div>
      }
      name={institution}
      confirm={t("start.confirm")}
      isReady={preview.data !== undefined && reason.trim() !== ""}
      isBusy={start.isPending}
      error={start.error}
      onConfirm={() => preview.data && start.mutate(preview.data.mark)}
      onClose={onClose}
    />
  );
}

const GOES = ["members", "models", "versions", "datasets", "jobs", "evaluations", "files"] as const;

function Shown({ preview }: { readonly preview: ExitPreview }) {
  const { t } = useTranslation("exit");
  const formats = useFormats();
  return (
    <>
      <p>{t("start.goes")}</p>
      <ul>
        {GOES.map((kind) => (
          <li key={kind}>
            {t(`start.amount.${kind}`, {
              count: preview.goes[kind],
              number: formats.number(preview.goes[kind]),
              size: formats.bytes(preview.goes.bytes),
            })}
          </li>
        ))}
      </ul>
      <p>
        {t("start.stays", {
          versions: formats.number(preview.stays.versions),
          data: formats.number(preview.stays.datasetVersions),
          entries: formats.number(preview.stays.auditEntries),
        })}
      </p>
      <p>{t("start.coolingOff", { count: preview.coolingOffDays })}</p>
      {preview.blockers.length > 0 && (
        <div>
          <p>{t("start.blockers")}</p>
          <Blockers blockers={preview.blockers} />
        </div>
      )}
    </>
  );
}
