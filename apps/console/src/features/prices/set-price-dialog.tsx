import { NativeSelect, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Price, PricePreview, paths, SetPrice } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { minorUnits } from "../../lib/format.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { AmountInput } from "../../ui/amount-input.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { ReasonField } from "../../ui/reason-field.js";
import { PriceEffect } from "./price-effect.js";
import { STORAGE, useSubjects } from "./use-subjects.js";

const DAY_MS = 86_400_000;
/** Until the platform has said what its currency is. */
const MOST_CURRENCIES = 100;

interface SetPriceDialogProps {
  /** What is looked at, where that is one thing. */
  readonly subject: string | null;
  readonly onClose: () => void;
}

/** Sets a price from a day on, or at once. It is not taken back, so what it changes is shown before. */
export function SetPriceDialog({ subject: given, onClose }: SetPriceDialogProps) {
  const { t } = useTranslation("prices");
  const queryClient = useQueryClient();
  const [subject, setSubject] = useState(given ?? STORAGE);
  const [amount, setAmount] = useState<number | null>(null);
  const [day, setDay] = useState(firstOfNextMonth);
  const [reason, setReason] = useState("");
  const subjects = useSubjects(subject);
  const when = { subject, ...(day === "" ? {} : { validFrom: startOf(day) }) };
  const preview = useQuery({
    queryKey: [paths.pricePreview(), when],
    queryFn: ({ signal }) => api.send("POST", paths.pricePreview(), when, PricePreview, { signal }),
    placeholderData: (before) => before,
    staleTime: 0,
    gcTime: 0,
  });
  const currency = preview.data?.currency ?? null;
  const request = { ...when, amount, reason };
  const set = useMutation({
    mutationFn: () => api.send("POST", paths.prices(), request, Price),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: [paths.prices()] });
    },
    onError: () => void preview.refetch(),
  });
  const isShown = preview.data !== undefined && !preview.error && !preview.isFetching;
  return (
    <ActDialog
      title={t("setTitle")}
      confirm={t("setNow")}
      isReady={isShown && SetPrice.safeParse(request).success}
      isBusy={set.isPending}
      error={set.error}
      onSubmit={() => set.mutate()}
      onClose={onClose}
    >
      <NativeSelect
        label={t("column.subject")}
        value={subject}
        data={[...subjects.choices]}
        data-autofocus
        onChange={(event) => setSubject(event.currentTarget.value)}
      />
      {subjects.error ? <ProblemPanel error={subjects.error} /> : null}
      <AmountInput
        label={t("column.amount")}
        description={t(subject === STORAGE ? "unit.gibMonth" : "unit.hour", { currency: currency ?? "" })}
        value={amount}
        unit={currency === null ? MOST_CURRENCIES : minorUnits(currency)}
        required
        disabled={currency === null}
        onChange={setAmount}
      />
      <TextInput
        type="date"
        label={t("from")}
        description={t("fromRule")}
        value={day}
        min={dayOf(new Date(Date.now() + DAY_MS))}
        onChange={(event) => setDay(event.currentTarget.value)}
      />
      <ReasonField value={reason} onChange={setReason} description={t("reasonRule")} />
      {preview.error ? (
        <ProblemPanel error={preview.error} onRetry={() => void preview.refetch()} />
      ) : (
        <ObjectPart read={preview}>
          {(effect) => <PriceEffect subject={subject} amount={amount} isAtOnce={day === ""} isBusy={!isShown} effect={effect} />}
        </ObjectPart>
      )}
    </ActDialog>
  );
}

/** The first instant of a day, in UTC as everything that is billed. */
const startOf = (day: string): string => `${day}T00:00:00.000Z`;
const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

function firstOfNextMonth(): string {
  const now = new Date();
  return dayOf(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)));
}
