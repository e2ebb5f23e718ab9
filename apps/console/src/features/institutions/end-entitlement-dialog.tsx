import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Entitlement, type Institution, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { DangerDialog } from "../../ui/danger-dialog.js";
import { ReasonField } from "../../ui/reason-field.js";

interface EndEntitlementDialogProps {
  readonly institution: Institution;
  readonly entitlement: Entitlement;
  readonly onClose: () => void;
}

/** Ends an entitlement at once, after what that means was read. */
export function EndEntitlementDialog({ institution, entitlement, onClose }: EndEntitlementDialogProps) {
  const { t } = useTranslation("institutions");
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const end = useMutation({
    mutationFn: () => api.send("POST", paths.entitlementEnd(institution.slug, entitlement.id), { reason }, Entitlement),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: [paths.entitlements(institution.slug)] });
    },
  });
  return (
    <DangerDialog
      title={t("entitlements.endTitle", { subject: entitlement.subject })}
      effect={
        <div className="zg-stack">
          <p>{t("entitlements.endEffect", { name: institution.name, subject: entitlement.subject })}</p>
          <p>{t("entitlements.endStanding", { count: entitlement.taskModels })}</p>
          <ReasonField value={reason} onChange={setReason} />
        </div>
      }
      name={entitlement.subject}
      confirm={t("entitlements.endNow")}
      isReady={reason.trim() !== ""}
      isBusy={end.isPending}
      error={end.error}
      onConfirm={() => end.mutate()}
      onClose={onClose}
    />
  );
}
