import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type PersonAccess, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { ActDialog } from "../../ui/act-dialog.js";

interface RevokeTokenDialogProps {
  readonly slug: string;
  readonly person: PersonAccess;
  readonly token: NonNullable<PersonAccess["credentials"]>["tokens"][number];
  readonly onClose: () => void;
}

/** Ends a member's token: one click to ask, one to do it. */
export function RevokeTokenDialog({ slug, person, token, onClose }: RevokeTokenDialogProps) {
  const { t } = useTranslation("institutions");
  const queryClient = useQueryClient();
  const revoke = useMutation({
    mutationFn: () =>
      api.sendOnly("DELETE", (person.service === null ? paths.memberToken : paths.serviceToken)(slug, person.user, token.id)),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: [paths.accessReview()] });
      onClose();
    },
  });
  return (
    <ActDialog
      title={t("review.revokeOf", { token: token.name, name: person.name })}
      confirm={t("review.revoke")}
      isDangerous
      isBusy={revoke.isPending}
      error={revoke.error}
      onSubmit={() => revoke.mutate()}
      onClose={onClose}
    >
      <p>{t("review.revokeEffect", { token: token.name })}</p>
    </ActDialog>
  );
}
