import { useMutation } from "@tanstack/react-query";
import { OneTimePassword, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { Dialog } from "../../ui/dialog.js";
import { ShownSecret } from "../../ui/shown-secret.js";
import type { MemberActProps } from "./member-sign-in-dialog.js";

/** Makes a one-time password for a member, and shows it this once. */
export function GivePasswordDialog({ institution, member, onDone, onClose }: MemberActProps) {
  const { t } = useTranslation("institutions");
  const give = useMutation({
    mutationFn: () => api.send("POST", paths.memberPassword(institution.slug, member.id), undefined, OneTimePassword),
    onSuccess: () => void onDone(),
  });
  const title = t("signIn.giveTo", { name: member.name });
  if (give.data) {
    return (
      <Dialog title={title} onClose={onClose}>
        <ShownSecret
          secret={give.data.oneTimePassword}
          what={t("members.password")}
          lead={<p role="status">{t("signIn.given", { email: member.email })}</p>}
          testId="one-time-password"
          onClose={onClose}
        />
      </Dialog>
    );
  }
  return (
    <ActDialog
      title={title}
      confirm={t("signIn.give")}
      isBusy={give.isPending}
      error={give.error}
      onSubmit={() => give.mutate()}
      onClose={onClose}
    >
      <p>{t("signIn.giveEffect", { name: member.name })}</p>
    </ActDialog>
  );
}
