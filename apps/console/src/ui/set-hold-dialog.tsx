import { NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CreateHold, HOLD_KINDS, Hold, type HoldKind, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../lib/api-client.js";
import { ActDialog } from "./act-dialog.js";
import { HOLD_EXAMPLES } from "./hold-examples.js";
import { ReasonField } from "./reason-field.js";

export interface HoldSubject {
  readonly kind: HoldKind;
  readonly ref: string;
}
interface SetHoldDialogProps {
  /** Null where it is still to be named. */
  readonly subject: HoldSubject | null;
  readonly onClose: () => void;
}

/** Sets a legal hold: in force at once, and lifted by two people. */
export default function SetHoldDialog({ subject, onClose }: SetHoldDialogProps) {
  const { t } = useTranslation("retention");
  const queryClient = useQueryClient();
  const [kind, setKind] = useState<HoldKind>(subject?.kind ?? "version");
  const [ref, setRef] = useState(subject?.ref ?? "");
  const [reason, setReason] = useState("");
  const [reference, setReference] = useState("");
  const request = { [kind]: ref, reason, ...(reference.trim() === "" ? {} : { reference: reference.trim() }) };
  const isNamed = CreateHold.safeParse({ [kind]: ref, reason: "named" }).success;
  const set = useMutation({
    mutationFn: () => api.send("POST", paths.holds(), request, Hold),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries();
    },
  });
  const isReady = isNamed && reason.trim() !== "";
  return (
    <ActDialog
      title={subject === null ? t("hold.set") : t("hold.setOn", { ref: subject.ref })}
      confirm={t("hold.setNow")}
      isReady={isReady}
      isBusy={set.isPending}
      error={set.error}
      onSubmit={() => set.mutate()}
      onClose={onClose}
    >
      <p>{t("hold.effect")}</p>
      {subject === null && (
        <>
          <NativeSelect
            label={t("hold.kind")}
            value={kind}
            data={HOLD_KINDS.map((value) => ({ value, label: t(`hold.kindWord.${value}`) }))}
            onChange={(event) => setKind(HOLD_KINDS.find((one) => one === event.currentTarget.value) ?? "version")}
            data-autofocus
          />
          <TextInput
            label={t("hold.subject")}
            placeholder={HOLD_EXAMPLES[kind]}
            value={ref}
            error={ref === "" || isNamed ? undefined : t("hold.subjectRule", { example: HOLD_EXAMPLES[kind] })}
            onChange={(event) => setRef(event.currentTarget.value.trim())}
          />
        </>
      )}
      <ReasonField value={reason} onChange={setReason} isFirst={subject !== null} />
      <TextInput
        label={t("hold.reference")}
        description={t("hold.referenceRule")}
        value={reference}
        maxLength={200}
        onChange={(event) => setReference(event.currentTarget.value)}
      />
    </ActDialog>
  );
}
