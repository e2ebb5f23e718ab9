import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useMe } from "../../lib/session.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { CurrentPassword, passwordProof } from "./current-password.js";

/** Takes the second factor off, with both factors. */
export function EndFactorDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation("settings");
  const queryClient = useQueryClient();
  const me = useMe();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const end = useMutation({
    mutationFn: () => api.sendOnly("POST", paths.secondFactorAct("end"), { ...passwordProof(password), code }),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: [paths.secondFactor()] });
    },
  });
  return (
    <ActDialog
      title={t("factor.end")}
      confirm={t("factor.end")}
      isDangerous
      isReady={(!me.hasPassword || password !== "") && code.length >= 6}
      isBusy={end.isPending}
      error={end.error}
      onSubmit={() => end.mutate()}
      onClose={onClose}
    >
      <p>{t("factor.endEffect")}</p>
      <CurrentPassword value={password} onChange={setPassword} takesFocus />
      <TextInput
        label={t("factor.codeOrRecovery")}
        autoComplete="one-time-code"
        value={code}
        onChange={(event) => setCode(event.currentTarget.value.trim())}
      />
    </ActDialog>
  );
}
