import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type HoldAction as Deed, Hold, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { ReasonField } from "../../ui/reason-field.js";

interface LiftDialogProps {
  readonly hold: Hold;
  readonly deed: Deed;
  readonly onClose: () => void;
}

/** One of the two words that lift a hold, or the request taken back. */
export function LiftDialog({ hold, deed, onClose }: LiftDialogProps) {
  const { t } = useTranslation("retention");
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const act = useMutation({
    mutationFn: () => send(hold.id, deed, reason),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries();
    },
  });
  const asksReason = deed === "ask_lift";
  const isReady = !asksReason || reason.trim() !== "";
  return (
    <ActDialog
      title={t(`hold.deedOf.${deed}`, { ref: hold.subject.ref })}
      confirm={t(`hold.deed.${deed}`)}
      isReady={isReady}
      isBusy={act.isPending}
      error={act.error}
      onSubmit={() => act.mutate()}
      onClose={onClose}
    >
      <p>{t(`hold.deedEffect.${deed}`)}</p>
      {hold.lift !== null && (
        <p className="zg-note zg-break" dir="auto">
          {hold.lift.reason}
        </p>
      )}
      {asksReason && <ReasonField value={reason} onChange={setReason} isFirst />}
    </ActDialog>
  );
}

function send(id: string, deed: Deed, reason: string): Promise<Hold> {
  switch (deed) {
    case "ask_lift":
      return api.send("POST", paths.holdLift(id), { reason }, Hold);
    case "confirm_lift":
      return api.send("POST", paths.holdLiftConfirm(id), undefined, Hold);
    case "withdraw_lift":
      return api.send("DELETE", paths.holdLift(id), undefined, Hold);
  }
}
