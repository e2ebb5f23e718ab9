import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { LoginAnswer, type LoginRequest, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { canUsePasskeys, signWithPasskey, wasCancelled } from "../../lib/passkeys.js";
import { signIn } from "../../lib/session.js";
import { ProblemPanel } from "../../ui/problem-panel.js";

/** Signs in by a passkey: alone, or after a password that was right. Not there where browsers use none. */
export function PasskeyButton({ password }: { readonly password: LoginRequest | null }) {
  const { t } = useTranslation("login");
  const queryClient = useQueryClient();
  const enter = useMutation({
    mutationFn: async () => {
      const passkey = await signWithPasskey();
      if (password !== null) return signIn({ email: password.email, password: password.password, passkey });
      api.csrfToken = (await api.send("POST", paths.passkeySignIn(), { passkey }, LoginAnswer)).csrfToken;
    },
    onSuccess: () => queryClient.resetQueries(),
  });
  if (!canUsePasskeys()) return null;
  return (
    <>
      <Button variant="default" size="sm" loading={enter.isPending} onClick={() => enter.mutate()}>
        {t(password === null ? "passkey" : "passkeyInstead")}
      </Button>
      {enter.error ? wasCancelled(enter.error) ? <p role="alert">{t("passkeyCancelled")}</p> : <ProblemPanel error={enter.error} /> : null}
    </>
  );
}
