import { TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { AddedPasskey, paths, SecondFactor } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { makePasskey, wasCancelled } from "../../lib/passkeys.js";
import { useMe } from "../../lib/session.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { CurrentPassword, passwordProof } from "./current-password.js";
import { ShownCodes } from "./shown-codes.js";

/** Proof of who asks, then the browser makes a passkey; the first second factor of an account comes with recovery codes. */
export function AddPasskeyDialog({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation("settings");
  const queryClient = useQueryClient();
  const me = useMe();
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
      const proof = { ...passwordProof(password), ...(code === "" ? {} : { code }) };
      return api.send("POST", paths.passkeys(), { name, response: await makePasskey(proof) }, AddedPasskey);
    },
    // A code is taken once, whatever became of the rest.
    onError: () => setCode(""),
    onSuccess: async ({ recoveryCodes }) => {
      await refresh();
      if (recoveryCodes === null) onClose();
    },
  });
  const title = t("passkey.add");
  if (add.data?.recoveryCodes) {
    return <ShownCodes title={title} lead={t("passkey.codes")} codes={add.data.recoveryCodes} onClose={onClose} />;
  }
  return (
    <ActDialog
      title={title}
      confirm={t("passkey.make")}
      isReady={name.trim() !== "" && (!me.hasPassword || password !== "") && factor.data !== undefined && (!asksCode || code.length >= 6)}
      isBusy={add.isPending}
      error={wasCancelled(add.error) ? null : add.error}
      onSubmit={() => add.mutate()}
      onClose={onClose}
    >
      <p>{t("passkey.addEffect")}</p>
      <TextInput
        label={t("passkey.name")}
        description={t("passkey.nameRule")}
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <CurrentPassword value={password} onChange={setPassword} />
      {asksCode && (
        <TextInput
          label={t("factor.codeOrRecovery")}
          autoComplete="one-time-code"
          value={code}
          onChange={(event) => setCode(event.currentTarget.value.trim())}
        />
      )}
      {factor.error ? <ProblemPanel error={factor.error} onRetry={() => void factor.refetch()} /> : null}
      {wasCancelled(add.error) && <p role="alert">{t("passkey.notMade")}</p>}
    </ActDialog>
  );
}
