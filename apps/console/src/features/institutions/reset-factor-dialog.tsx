import { useMutation } from "@tanstack/react-query";
import { paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { ActDialog } from "../../ui/act-dialog.js";
import type { MemberActProps } from "./member-sign-in-dialog.js";

/** Takes app, passkeys and recovery codes off somebody who lost them. */
export function ResetFactorDialog({ institution, member, onDone, onClose }: MemberActProps) {
  const { t } = useTranslation("institutions");
  const reset = useMutation({
    mutationFn: () => api.sendOnly("DELETE", paths.memberSecondFactor(institution.slug, member.id)),
    onSuccess: async () => {
      await onDone();
      onClose();
    },
  });
  return (
    <ActDialog
      title={t("signIn.resetOf", { name: member.name })}
      confirm={t("signIn.reset")}
      isDangerous
      isBusy={reset.isPending}
      error={reset.error}
      onSubmit={() => reset.mutate()}
      onClose={onClose}
    >
      <p>{t("signIn.resetEffect", { name: member.name })}</p>
    </ActDialog>
  );
}
