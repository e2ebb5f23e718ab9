import { Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Job, type JobAction, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { shortId } from "../../lib/format.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { DangerDialog } from "../../ui/danger-dialog.js";

interface JobActionDialogProps {
  readonly job: Job;
  readonly action: JobAction;
  readonly onClose: () => void;
}

/** What an action will do, and the last word before it is done. Loaded when the first action is chosen. */
export default function JobActionDialog({ job, action, onClose }: JobActionDialogProps) {
  const { t } = useTranslation("jobs");
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const act = useMutation({
    mutationFn: () => api.send("POST", paths.jobAction(job.id, action), { reason }, Job),
    onSuccess: async (moved) => {
      queryClient.setQueryData([paths.job(job.id)], moved);
      onClose();
      await queryClient.invalidateQueries({ queryKey: [paths.jobs()] });
    },
  });
  if (action === "cancel") {
    return (
      <DangerDialog
        title={t("action.cancel")}
        effect={t("effect.cancel")}
        name={shortId(job.id)}
        confirm={t("action.cancel")}
        isBusy={act.isPending}
        error={act.error}
        onConfirm={() => act.mutate()}
        onClose={onClose}
      />
    );
  }
  return (
    <ActDialog
      title={t(`action.${action}`)}
      confirm={t(`action.${action}`)}
      isBusy={act.isPending}
      error={act.error}
      onSubmit={() => act.mutate()}
      onClose={onClose}
    >
      <p>{t(`effect.${action}`)}</p>
      <Textarea
        label={t("reason")}
        value={reason}
        maxLength={2000}
        autosize
        minRows={2}
        data-autofocus
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ActDialog>
  );
}
