import { PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { paths, RecoveryCodes, StartedSecondFactor } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { CopyButton } from "../../ui/copy-button.js";
import { QrCode } from "./qr-code.js";
import { ShownCodes } from "./shown-codes.js";

/** Password, authenticator, first code, recovery codes: one after the other. Until the first code nothing is asked for at sign-in. */
export function StartFactorDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation(["settings", "login"]);
  const queryClient = useQueryClient();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const begin = useMutation({
    mutationFn: () => api.send("POST", paths.secondFactor(), { currentPassword: password }, StartedSecondFactor),
    onSuccess: () => setPassword(""),
  });
  const confirm = useMutation({
    mutationFn: () => api.send("POST", paths.secondFactorAct("confirm"), { code }, RecoveryCodes),
    onError: () => setCode(""),
  });
  const title = t("settings:factor.begin");
  const done = async () => {
    onClose();
    await queryClient.invalidateQueries({ queryKey: [paths.secondFactor()] });
  };
  if (confirm.data)
    return <ShownCodes title={title} lead={t("settings:factor.codes")} codes={confirm.data.recoveryCodes} onClose={() => void done()} />;
  if (!begin.data) {
    return (
      <ActDialog
        title={title}
        confirm={t("settings:factor.next")}
        isReady={password !== ""}
        isBusy={begin.isPending}
        error={begin.error}
        onSubmit={() => begin.mutate()}
        onClose={onClose}
      >
        <p>{t("settings:factor.beginEffect")}</p>
        <PasswordInput
          label={t("settings:factor.password")}
          autoComplete="current-password"
          value={password}
          visibilityToggleButtonProps={{ "aria-label": t("login:showPassword") }}
          onChange={(event) => setPassword(event.currentTarget.value)}
          data-autofocus
        />
      </ActDialog>
    );
  }
  return (
    <ActDialog
      title={title}
      confirm={t("settings:factor.confirm")}
      isReady={/^[0-9]{6}$/.test(code)}
      isBusy={confirm.isPending}
      error={confirm.error}
      onSubmit={() => confirm.mutate()}
      onClose={onClose}
    >
      <p>{t("settings:factor.scan")}</p>
      <QrCode text={begin.data.uri} label={t("settings:factor.qr")} />
      <div className="zg-row">
        <span className="zg-secret">{begin.data.secret}</span>
        <CopyButton text={begin.data.secret} what={t("settings:token.secret")} />
      </div>
      <TextInput
        label={t("settings:factor.code")}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={6}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value.trim())}
      />
    </ActDialog>
  );
}
