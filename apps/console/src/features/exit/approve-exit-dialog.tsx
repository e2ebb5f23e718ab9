import { Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Exit, InstitutionExit, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { DangerDialog } from "../../ui/danger-dialog.js";
import { Blockers } from "./blockers.js";

interface ApproveExitDialogProps {
  readonly institution: string;
  readonly exit: Exit;
  readonly onClose: () => void;
}

/** The word of the other side. Where no current export was made, it says why the data goes all the same. */
export function ApproveExitDialog({ institution, exit, onClose }: ApproveExitDialogProps) {
  const { t } = useTranslation("exit");
  const queryClient = useQueryClient();
  const [waiver, setWaiver] = useState("");
  const wantsExport = exit.blockers.some(({ code }) => code.startsWith("export"));
  const isBlocked = exit.blockers.some(({ code }) => !code.startsWith("export"));
  const approve = useMutation({
    mutationFn: () =>
      api.send(
        "POST",
        paths.exitAct(institution, "approve"),
        { confirm: institution, ...(wantsExport && waiver.trim() !== "" ? { waiver } : {}) },
        InstitutionExit,
      ),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries();
    },
  });
  return (
    <DangerDialog
      title={t("approve.title", { slug: institution })}
      effect={
        <div className="zg-stack">
          <p>{t("approve.effect", { slug: institution })}</p>
          <p>
            {t("facts.reason")}: <span dir="auto">{exit.reason}</span>
          </p>
          {exit.blockers.length > 0 && <Blockers blockers={exit.blockers} />}
          {wantsExport && !isBlocked && (
            <Textarea
              label={t("approve.waiver")}
              description={t("approve.waiverRule")}
              value={waiver}
              required
              maxLength={2000}
              autosize
              minRows={2}
              onChange={(event) => setWaiver(event.currentTarget.value)}
            />
          )}
        </div>
      }
      name={institution}
      confirm={t("approve.confirm")}
      isPossible={!isBlocked}
      isReady={!wantsExport || waiver.trim() !== ""}
      isBusy={approve.isPending}
      error={approve.error}
      onConfirm={() => approve.mutate()}
      onClose={onClose}
    />
  );
}
