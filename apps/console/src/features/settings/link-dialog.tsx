import { NativeSelect } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { BegunTrip, type FoundProviders, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useMe } from "../../lib/session.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { CurrentPassword, passwordProof } from "./current-password.js";

interface LinkDialogProps {
  readonly providers: FoundProviders["providers"];
  readonly onClose: () => void;
}

/** Sends the browser to the provider; who signs in there is connected with the account that is signed in here. */
export function LinkDialog({ providers, onClose }: LinkDialogProps) {
  const { t } = useTranslation("settings");
  const me = useMe();
  const [providerId, setProviderId] = useState<string>(providers[0]?.id ?? "");
  const [password, setPassword] = useState("");
  const begin = useMutation({
    mutationFn: () => api.send("POST", paths.identities(), { providerId, ...passwordProof(password) }, BegunTrip),
    onSuccess: ({ url }) => window.location.assign(url),
    onError: () => setPassword(""),
  });
  return (
    <ActDialog
      title={t("identities.link")}
      confirm={t("identities.go")}
      isReady={(!me.hasPassword || password !== "") && providerId !== ""}
      isBusy={begin.isPending || begin.isSuccess}
      error={begin.error}
      onSubmit={() => begin.mutate()}
      onClose={onClose}
    >
      <p>{t("identities.effect")}</p>
      <NativeSelect
        label={t("identities.provider")}
        value={providerId}
        data={providers.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(event) => setProviderId(event.currentTarget.value)}
      />
      <CurrentPassword value={password} onChange={setPassword} takesFocus />
    </ActDialog>
  );
}
