import { NativeSelect, PasswordInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { BegunTrip, type FoundProviders, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { ActDialog } from "../../ui/act-dialog.js";

interface LinkDialogProps {
  readonly providers: FoundProviders["providers"];
  readonly onClose: () => void;
}

/** Sends the browser to the provider; who signs in there is connected with the account that is signed in here. */
export function LinkDialog({ providers, onClose }: LinkDialogProps) {
  const { t } = useTranslation(["settings", "login"]);
  const [providerId, setProviderId] = useState<string>(providers[0]?.id ?? "");
  const [currentPassword, setPassword] = useState("");
  const begin = useMutation({
    mutationFn: () => api.send("POST", paths.identities(), { providerId, currentPassword }, BegunTrip),
    onSuccess: ({ url }) => window.location.assign(url),
    onError: () => setPassword(""),
  });
  return (
    <ActDialog
      title={t("settings:identities.link")}
      confirm={t("settings:identities.go")}
      isReady={currentPassword !== "" && providerId !== ""}
      isBusy={begin.isPending || begin.isSuccess}
      error={begin.error}
      onSubmit={() => begin.mutate()}
      onClose={onClose}
    >
      <p>{t("settings:identities.effect")}</p>
      <NativeSelect
        label={t("settings:identities.provider")}
        value={providerId}
        data={providers.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(event) => setProviderId(event.currentTarget.value)}
      />
      <PasswordInput
        label={t("settings:factor.password")}
        autoComplete="current-password"
        value={currentPassword}
        visibilityToggleButtonProps={{ "aria-label": t("login:showPassword") }}
        onChange={(event) => setPassword(event.currentTarget.value)}
        data-autofocus
      />
    </ActDialog>
  );
}
