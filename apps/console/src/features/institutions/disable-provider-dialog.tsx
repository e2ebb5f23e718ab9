import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IdentityProvider, type Institution, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { ActDialog } from "../../ui/act-dialog.js";

interface DisableProviderDialogProps {
  readonly institution: Institution;
  readonly provider: IdentityProvider;
  readonly onClose: () => void;
}

/** Nobody signs in through it from then on, and whoever did is signed out. */
export function DisableProviderDialog({ institution, provider, onClose }: DisableProviderDialogProps) {
  const { t } = useTranslation("institutions");
  const queryClient = useQueryClient();
  const disable = useMutation({
    mutationFn: () => api.send("PATCH", paths.identityProvider(institution.slug, provider.id), { isEnabled: false }, IdentityProvider),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: [paths.identityProviders(institution.slug)] });
    },
  });
  return (
    <ActDialog
      title={t("providers.actOf.disable", { name: provider.name })}
      confirm={t("providers.disableNow")}
      isBusy={disable.isPending}
      error={disable.error}
      isDangerous
      onSubmit={() => disable.mutate()}
      onClose={onClose}
    >
      <p>{t("providers.disableEffect", { count: provider.people, name: provider.name })}</p>
    </ActDialog>
  );
}
