import { PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { AddedPasskey, paths, SecondFactor } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { makePasskey, wasCancelled } from "../../lib/passkeys.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { ShownCodes } from "./shown-codes.js";

/** Proof of who asks, then the browser makes a passkey; the first second factor of an account comes with recovery codes. */
export function AddPasskeyDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation(["settings", "login"]);
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const factor = useQuery({
    queryKey: [paths.secondFactor()],
    queryFn: ({ signal }) => api.get(paths.secondFactor(), SecondFactor, { signal }),
  });
  const asksCode = factor.data?.isOn === true;
  const refresh = () =>
    Promise.all([paths.passkeys(), paths.secondFactor()].map((path) => queryClient.invalidateQueries({ queryKey: [path] })));
  const add = useMutation({
    mutationFn: async () => {
      const proof = { ...(password === "" ? {} : { currentPassword: password }), ...(code === "" ? {} : { code }) };
      return api.send("POST", paths.passkeys(), { name, response: await makePasskey(proof) }, AddedPasskey);
    },
    onSuccess: async ({ recoveryCodes }) => {
      if (recoveryCodes === null) onClose();
      await refresh();
    },
  });
  const title = t("settings:passkey.add");
  if (add.data?.recoveryCodes) {
    return <ShownCodes title={title} lead={t("settings:passkey.codes")} codes={add.data.recoveryCodes} onClose={onClose} />;
  }
  return (
    <ActDialog
      title={title}
      confirm={t("settings:passkey.make")}
      isReady={name.trim() !== "" && (!asksCode || code.length >= 6)}
      isBusy={add.isPending}
      error={wasCancelled(add.error) ? null : add.error}
      onSubmit={() => add.mutate()}
      onClose={onClose}
    >
      <p>{t("settings:passkey.addEffect")}</p>
      <TextInput
        label={t("settings:passkey.name")}
        description={t("settings:passkey.nameRule")}
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <PasswordInput
        label={t("settings:factor.password")}
        description={t("settings:passkey.passwordRule")}
        autoComplete="current-password"
        value={password}
        visibilityToggleButtonProps={{ "aria-label": t("login:showPassword") }}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {asksCode && (
        <TextInput
          label={t("settings:factor.codeOrRecovery")}
          autoComplete="one-time-code"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value.trim())}
        />
      )}
      {wasCancelled(add.error) && <p role="alert">{t("settings:passkey.notMade")}</p>}
    </ActDialog>
  );
}
