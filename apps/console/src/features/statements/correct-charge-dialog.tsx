import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Charge, CorrectCharge, CorrectionPreview, type JobId, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { minorUnits, shortId } from "../../lib/format.js";
import { useSettled } from "../../lib/use-delayed.js";
import { useFormats } from "../../lib/use-formats.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { AmountInput } from "../../ui/amount-input.js";
import { Fact, Facts } from "../../ui/facts.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { ReasonField } from "../../ui/reason-field.js";

const SETTLE_MS = 400;

interface CorrectChargeDialogProps {
  readonly institution: string;
  readonly job: JobId;
  readonly currency: string;
  readonly onClose: () => void;
}

/** Takes back a part of what a job was charged, after it was shown which month that falls into and what its total comes to. */
export function CorrectChargeDialog({ institution, job, currency, onClose }: CorrectChargeDialogProps) {
  const { t } = useTranslation("statements");
  const queryClient = useQueryClient();
  const [amount, setAmount] = useState<number | null>(null);
  const [reason, setReason] = useState("");
  const settled = useSettled(amount, SETTLE_MS);
  const path = paths.chargeCorrectionPreview(institution);
  const preview = useQuery({
    queryKey: [path, job, settled],
    queryFn: ({ signal }) => api.send("POST", path, { job, amount: -(settled ?? 0) }, CorrectionPreview, { signal }),
    placeholderData: (before) => before,
    staleTime: 0,
    gcTime: 0,
  });
  const shown = preview.data;
  const isShown = shown !== undefined && !preview.error && !preview.isFetching && settled === amount;
  const request = { job, amount: -(amount ?? 0), reason, month: shown?.month };
  const correct = useMutation({
    mutationFn: () => api.send("POST", paths.chargeCorrections(institution), request, Charge),
    onSuccess: async () => {
      onClose();
      const stale = [paths.statements(), paths.quota(institution)];
      await queryClient.invalidateQueries({ predicate: ({ queryKey }) => stale.some((start) => String(queryKey[0]).startsWith(start)) });
    },
    onError: () => void preview.refetch(),
  });
  return (
    <ActDialog
      title={t("correct.title", { job: shortId(job) })}
      confirm={t("correct.now")}
      isReady={isShown && CorrectCharge.safeParse(request).success}
      isBusy={correct.isPending}
      error={correct.error}
      onSubmit={() => correct.mutate()}
      onClose={onClose}
    >
      <p>{t("correct.effect")}</p>
      <div className="zg-row zg-row-bottom">
        <AmountInput
          label={t("correct.amount")}
          description={t("correct.amountRule", { currency })}
          value={amount}
          unit={minorUnits(currency)}
          required
          isFirst
          onChange={setAmount}
        />
        {shown !== undefined && shown.charged.before > 0 && (
          <Button variant="default" onClick={() => setAmount(shown.charged.before)}>
            {t("correct.all")}
          </Button>
        )}
      </div>
      <ReasonField value={reason} onChange={setReason} description={t("correct.reasonRule")} />
      {preview.error ? (
        <ProblemPanel error={preview.error} onRetry={() => void preview.refetch()} />
      ) : (
        <ObjectPart read={preview}>{(effect) => <Effect effect={effect} isBusy={!isShown} />}</ObjectPart>
      )}
    </ActDialog>
  );
}

/** Where it falls and what it changes. */
function Effect({ effect, isBusy }: { readonly effect: CorrectionPreview; readonly isBusy: boolean }) {
  const { t } = useTranslation("statements");
  const formats = useFormats();
  const { charged, total, month, lateFor, currency } = effect;
  const change = ({ before, after }: CorrectionPreview["total"]) =>
    before === after
      ? formats.money(before, currency)
      : t("correct.change", { before: formats.money(before, currency), after: formats.money(after, currency) });
  return (
    <section
      className={isBusy ? "zg-stack zg-stack-tight zg-dimmed" : "zg-stack zg-stack-tight"}
      aria-label={t("correct.shows")}
      aria-busy={isBusy}
      aria-live="polite"
    >
      <h3>{t("correct.shows")}</h3>
      <p>{lateFor === null ? t("correct.falls", { month }) : t("correct.fallsLate", { month, late: lateFor })}</p>
      <Facts>
        <Fact term={t("correct.charged")}>{change(charged)}</Fact>
        <Fact term={t("correct.total", { month })}>{change(total)}</Fact>
      </Facts>
    </section>
  );
}
