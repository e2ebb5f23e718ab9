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

/** The actions the API offers this viewer; one that is closed says why. */
export function JobActions({ job }: { readonly job: Job }) {
  const { t, i18n } = useTranslation(["jobs", "common"]);
  const queryClient = useQueryClient();
  const [chosen, setChosen] = useState<JobAction | null>(null);
  const [reason, setReason] = useState("");
  const act = useMutation({
    mutationFn: (action: JobAction) => api.send("POST", paths.jobAction(job.id, action), { reason }, Job),
    onSuccess: async (moved) => {
      queryClient.setQueryData([paths.job(job.id)], moved);
      close();
      await queryClient.invalidateQueries({ queryKey: [paths.jobs()] });
    },
  });
  const close = () => {
    setChosen(null);
    setReason("");
    act.reset();
  };
  const approval = job.moves.find((move) => move.action === "approve");
  return (
    <>
      {job.moves
        .filter((move) => move.allowed)
        .map(({ action }) => (
          <Button
            key={action}
            variant={action === "approve" ? "filled" : "default"}
            data-danger={action === "cancel" || undefined}
            onClick={() => setChosen(action)}
          >
            {t(`jobs:action.${action}`)}
          </Button>
        ))}
      {job.state === "awaiting_approval" && approval && !approval.allowed && (
        <span className="zg-quiet zg-small">{i18n.language === "en" && approval.reason ? approval.reason : t("jobs:approveClosed")}</span>
      )}
      {chosen === "cancel" && (
        <DangerDialog
          title={t("jobs:action.cancel")}
          effect={t("jobs:effect.cancel")}
          name={shortId(job.id)}
          confirm={t("jobs:action.cancel")}
          isBusy={act.isPending}
          error={act.error}
          onConfirm={() => act.mutate("cancel")}
          onClose={close}
        />
      )}
      {chosen !== null && chosen !== "cancel" && (
        <Dialog title={t(`jobs:action.${chosen}`)} onClose={close}>
          <form
            className="zg-stack"
            onSubmit={(event) => {
              event.preventDefault();
              if (!act.isPending) act.mutate(chosen);
            }}
          >
            <p>{t(`jobs:effect.${chosen}`)}</p>
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
                {t(`jobs:action.${chosen}`)}
              </Button>
              <Button variant="default" onClick={close}>
                {t("common:cancel")}
              </Button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}
