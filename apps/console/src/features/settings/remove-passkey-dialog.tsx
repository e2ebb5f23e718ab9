import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Passkey, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { signWithPasskey, wasCancelled } from "../../lib/passkeys.js";
import { useMe } from "../../lib/session.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { CurrentPassword, passwordProof } from "./current-password.js";

/** Takes a passkey off, with the password and a second factor: a code where one is typed, else a passkey. */
export function RemovePasskeyDialog({ passkey, onClose }: { readonly passkey: Passkey; readonly onClose: () => void }) {
  const { t } = useTranslation(["settings", "login"]);
  const queryClient = useQueryClient();
  const me = useMe();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const remove = useMutation({
    mutationFn: async () => {
      const second = code === "" ? { passkey: await signWithPasskey() } : { code };
      await api.sendOnly("POST", paths.passkeyRemoval(passkey.id), { ...passwordProof(password), ...second });
    },
    onSuccess: async () => {
      await Promise.all([paths.passkeys(), paths.secondFactor()].map((path) => queryClient.invalidateQueries({ queryKey: [path] })));
      onClose();
    },
  });
  const isCancelled = wasCancelled(remove.error);
  return (
    <ActDialog
      title={t("settings:passkey.removeOf", { name: passkey.name })}
      confirm={t("settings:passkey.remove")}
      isDangerous
      isReady={(!me.hasPassword || password !== "") && (code === "" || code.length >= 6)}
      isBusy={remove.isPending}
      error={isCancelled ? null : remove.error}
      onSubmit={() => remove.mutate()}
      onClose={onClose}
    >
      <p>{t("settings:passkey.removeEffect")}</p>
      <CurrentPassword value={password} onChange={setPassword} takesFocus />
      <TextInput
        label={t("settings:factor.codeOrRecovery")}
        description={t("settings:passkey.codeRule")}
        autoComplete="one-time-code"
        value={code}
        onChange={(event) => setCode(event.currentTarget.value.trim())}
      />
      {isCancelled && <p role="alert">{t("login:passkeyCancelled")}</p>}
    </ActDialog>
  );
}
