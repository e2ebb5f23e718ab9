import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { SignedByPasskey } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { canUsePasskeys, signWithPasskey, wasCancelled } from "../../lib/passkeys.js";
import { ProblemPanel } from "../../ui/problem-panel.js";

interface PasskeyButtonProps {
  /** Whether the password was right, and the passkey stands in for a code. */
  readonly isInstead: boolean;
  /** Called with what the person signed; what it refuses is shown beside the button. */
  readonly onSigned: (passkey: SignedByPasskey) => Promise<unknown>;
}

/** Lets the person sign with a passkey: alone, or after a password that was right. Not there where browsers use none. */
export function PasskeyButton({ isInstead, onSigned }: PasskeyButtonProps) {
  const { t } = useTranslation("login");
  const enter = useMutation({ mutationFn: async () => onSigned(await signWithPasskey()) });
  if (!canUsePasskeys()) return null;
  return (
    <>
      <Button variant="default" size="sm" loading={enter.isPending} onClick={() => enter.mutate()}>
        {t(isInstead ? "passkeyInstead" : "passkey")}
      </Button>
      {enter.error ? wasCancelled(enter.error) ? <p role="alert">{t("passkeyCancelled")}</p> : <ProblemPanel error={enter.error} /> : null}
    </>
  );
}
