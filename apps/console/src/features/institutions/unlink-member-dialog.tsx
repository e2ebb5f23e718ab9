import { useMutation } from "@tanstack/react-query";
import { type LinkedIdentity, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { ActDialog } from "../../ui/act-dialog.js";
import type { MemberActProps } from "./member-sign-in-dialog.js";

/** Takes an account at a provider off a member, who comes in by it no more. */
export function UnlinkMemberDialog(props: MemberActProps & { readonly identity: LinkedIdentity }) {
  const { institution, member, identity, onDone, onClose } = props;
  const { t } = useTranslation("institutions");
  const unlink = useMutation({
    mutationFn: () => api.sendOnly("DELETE", `${paths.memberIdentities(institution.slug, member.id)}/${identity.id}`),
    onSuccess: async () => {
      await onDone();
      onClose();
    },
  });
  const { provider, subject } = identity;
  return (
    <ActDialog
      title={t("signIn.unlinkOf", { provider, subject })}
      confirm={t("signIn.unlink")}
      isDangerous
      isBusy={unlink.isPending}
      error={unlink.error}
      onSubmit={() => unlink.mutate()}
      onClose={onClose}
    >
      <p>{t("signIn.unlinkEffect", { name: member.name, provider })}</p>
    </ActDialog>
  );
}
