import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { paths, RecoveryCodes, StartedSecondFactor } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useMe } from "../../lib/session.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { CopyButton } from "../../ui/copy-button.js";
import { CurrentPassword, passwordProof } from "./current-password.js";
import { QrCode } from "./qr-code.js";
import { ShownCodes } from "./shown-codes.js";

/** Password, authenticator, first code, recovery codes: one after the other. Until the first code nothing is asked for at sign-in. */
export function StartFactorDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation("settings");
  const queryClient = useQueryClient();
  const me = useMe();
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const begin = useMutation({
    mutationFn: () => api.send("POST", paths.secondFactor(), passwordProof(password), StartedSecondFactor),
    onSuccess: () => setPassword(""),
  });
  const confirm = useMutation({
    mutationFn: () => api.send("POST", paths.secondFactorAct("confirm"), { code }, RecoveryCodes),
    onError: () => setCode(""),
  });
  const title = t("factor.begin");
  const done = async () => {
    onClose();
    await queryClient.invalidateQueries({ queryKey: [paths.secondFactor()] });
  };
  if (confirm.data)
    return <ShownCodes title={title} lead={t("factor.codes")} codes={confirm.data.recoveryCodes} onClose={() => void done()} />;
  if (!begin.data) {
    return (
      <ActDialog
        key="proof"
        title={title}
        confirm={t("factor.next")}
        isReady={!me.hasPassword || password !== ""}
        isBusy={begin.isPending}
        error={begin.error}
        onSubmit={() => begin.mutate()}
        onClose={onClose}
      >
        <p>{t("factor.beginEffect")}</p>
        <CurrentPassword value={password} onChange={setPassword} takesFocus />
      </ActDialog>
    );
  }
  return (
    <ActDialog
      key="code"
      title={title}
      confirm={t("factor.confirm")}
      isReady={/^[0-9]{6}$/.test(code)}
      isBusy={confirm.isPending}
      error={confirm.error}
      onSubmit={() => confirm.mutate()}
      onClose={onClose}
    >
      <p>{t("factor.scan")}</p>
      <QrCode text={begin.data.uri} label={t("factor.qr")} />
      <div className="zg-row">
        <span className="zg-secret">{begin.data.secret}</span>
        <CopyButton text={begin.data.secret} what={t("token.secret")} />
      </div>
      <TextInput
        label={t("factor.code")}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={6}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value.trim())}
        data-autofocus
      />
    </ActDialog>
  );
}
