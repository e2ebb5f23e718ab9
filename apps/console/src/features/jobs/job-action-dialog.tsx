import { Button, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Job, type JobAction, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { shortId } from "../../lib/format.js";
import { DangerDialog } from "../../ui/danger-dialog.js";
import { Dialog } from "../../ui/dialog.js";
import { ProblemPanel } from "../../ui/problem-panel.js";

interface JobActionDialogProps {
  readonly job: Job;
  readonly action: JobAction;
  readonly onClose: () => void;
}

/** What an action will do, and the last word before it is done. Loaded when the first action is chosen. */
export default function JobActionDialog({ job, action, onClose }: JobActionDialogProps) {
  const { t } = useTranslation(["jobs", "common"]);
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
        title={t("jobs:action.cancel")}
        effect={t("jobs:effect.cancel")}
        name={shortId(job.id)}
        confirm={t("jobs:action.cancel")}
        isBusy={act.isPending}
        error={act.error}
        onConfirm={() => act.mutate()}
        onClose={onClose}
      />
    );
  }
  return (
    <Dialog title={t(`jobs:action.${action}`)} onClose={onClose}>
      <form
        className="zg-stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!act.isPending) act.mutate();
        }}
      >
        <p>{t(`jobs:effect.${action}`)}</p>
        <Textarea
          label={t("jobs:reason")}
          value={reason}
          maxLength={2000}
          autosize
          minRows={2}
          data-autofocus
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {act.error ? <ProblemPanel error={act.error} /> : null}
        <div className="zg-row">
          <Button type="submit" loading={act.isPending}>
            {t(`jobs:action.${action}`)}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t("common:cancel")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
