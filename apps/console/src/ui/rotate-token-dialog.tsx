import { NativeSelect } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { Token } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../lib/api-client.js";
import { ActDialog } from "./act-dialog.js";
import { Dialog } from "./dialog.js";
import { ShownSecret } from "./shown-secret.js";
import { MadeToken, type TokenPlace } from "./token-place.js";

const HOURS = [0, 1, 24, 72, 168] as const;

interface RotateTokenDialogProps {
  readonly token: Token;
  readonly place: Pick<TokenPlace<Token>, "rotation">;
  readonly onMade: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Puts a new secret in the place of an old one, which goes on for a while. */
export function RotateTokenDialog({ token, place, onMade, onClose }: RotateTokenDialogProps) {
  const { t } = useTranslation("settings");
  const [hours, setHours] = useState<number>(24);
  const rotate = useMutation({
    mutationFn: () => api.send("POST", place.rotation(token.id), { overlapHours: hours }, MadeToken),
    onSuccess: onMade,
  });
  const title = t("token.rotateOf", { name: token.name });
  if (rotate.data) {
    return (
      <Dialog title={title} onClose={onClose}>
        <ShownSecret secret={rotate.data.secret} onClose={onClose} />
      </Dialog>
    );
  }
  return (
    <ActDialog
      title={title}
      confirm={t("token.rotate")}
      isBusy={rotate.isPending}
      error={rotate.error}
      onSubmit={() => rotate.mutate()}
      onClose={onClose}
    >
      <p>{t("token.rotateEffect", { name: token.name })}</p>
      <NativeSelect
        label={t("token.overlap")}
        value={String(hours)}
        data={HOURS.map((value) => ({ value: String(value), label: value === 0 ? t("token.atOnce") : t("token.hours", { count: value }) }))}
        onChange={(event) => setHours(Number(event.currentTarget.value))}
        data-autofocus
      />
    </ActDialog>
  );
}
