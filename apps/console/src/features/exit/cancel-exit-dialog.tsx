import { useMutation, useQueryClient } from "@tanstack/react-query";
import { InstitutionExit, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { ReasonField } from "../../ui/reason-field.js";

interface CancelExitDialogProps {
  readonly institution: string;
  readonly onClose: () => void;
}

/** Calls the exit off: the institution is as it was. */
export function CancelExitDialog({ institution, onClose }: CancelExitDialogProps) {
  const { t } = useTranslation("exit");
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const cancel = useMutation({
    mutationFn: () => api.send("POST", paths.exitAct(institution, "cancel"), { reason }, InstitutionExit),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries();
    },
  });
  return (
    <ActDialog
      title={t("cancel.title")}
      confirm={t("cancel.confirm")}
      isReady={reason.trim() !== ""}
      isBusy={cancel.isPending}
      error={cancel.error}
      onSubmit={() => cancel.mutate()}
      onClose={onClose}
    >
      <p>{t("cancel.effect", { slug: institution })}</p>
      <ReasonField value={reason} onChange={setReason} isFirst />
    </ActDialog>
  );
}
