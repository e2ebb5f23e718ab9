import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Garbage, GarbageCollection, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { useFormats } from "../../lib/use-formats.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { ReasonField } from "../../ui/reason-field.js";

interface CollectDialogProps {
  /** As it was looked at: what is claimed since stays. */
  readonly garbage: Garbage;
  readonly onClose: () => void;
}

/** Has the garbage removed that was looked at, and no more. */
export function CollectDialog({ garbage, onClose }: CollectDialogProps) {
  const { t } = useTranslation("retention");
  const formats = useFormats();
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const collect = useMutation({
    mutationFn: () => api.send("POST", paths.garbageCollections(), { until: garbage.until, reason }, GarbageCollection),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries();
    },
  });
  const bytes = garbage.blobs.bytes + garbage.uploads.bytes + garbage.strays.bytes;
  const isReady = reason.trim() !== "";
  return (
    <ActDialog
      title={t("garbage.open")}
      confirm={t("garbage.confirm")}
      isReady={isReady}
      isBusy={collect.isPending}
      error={collect.error}
      isDangerous
      onSubmit={() => collect.mutate()}
      onClose={onClose}
    >
      <p>{t("garbage.effect", { size: formats.bytes(bytes) })}</p>
      <ReasonField value={reason} onChange={setReason} isFirst />
    </ActDialog>
  );
}
