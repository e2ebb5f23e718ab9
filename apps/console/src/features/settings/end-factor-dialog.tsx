import { PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { ActDialog } from "../../ui/act-dialog.js";

/** Takes the second factor off, with both factors. */
export function EndFactorDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation(["settings", "login"]);
  const queryClient = useQueryClient();
  const [currentPassword, setPassword] = useState("");
  const [code, setCode] = useState("");
  const end = useMutation({
    mutationFn: () => api.sendOnly("POST", paths.secondFactorAct("end"), { currentPassword, code }),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: [paths.secondFactor()] });
    },
  });
  return (
    <ActDialog
      title={t("settings:factor.end")}
      confirm={t("settings:factor.end")}
      isDangerous
      isReady={currentPassword !== "" && code.length >= 6}
      isBusy={end.isPending}
      error={end.error}
      onSubmit={() => end.mutate()}
      onClose={onClose}
    >
      <p>{t("settings:factor.endEffect")}</p>
      <PasswordInput
        label={t("settings:factor.password")}
        autoComplete="current-password"
        value={currentPassword}
        visibilityToggleButtonProps={{ "aria-label": t("login:showPassword") }}
        onChange={(event) => setPassword(event.currentTarget.value)}
        data-autofocus
      />
      <TextInput
        label={t("settings:factor.codeOrRecovery")}
        autoComplete="one-time-code"
        value={code}
        onChange={(event) => setCode(event.currentTarget.value.trim())}
      />
    </ActDialog>
  );
}
