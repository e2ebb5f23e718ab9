import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Institution, paths, type QuotaDecision, QuotaProposal } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { ReasonField } from "../../ui/reason-field.js";
import { useChanges } from "./quota-changes.js";
import { QuotaEffectView, useQuotaEffect } from "./quota-effect.js";

export interface Deciding {
  readonly proposal: QuotaProposal;
  readonly action: QuotaDecision;
}
interface DecideQuotaDialogProps extends Deciding {
  readonly institution: Institution;
  readonly currency: string;
  readonly onClose: () => void;
}

/** Decides on a proposal. It is approved after its effect as it is now was read; to turn it down that need not be known. */
export function DecideQuotaDialog({ institution, currency, proposal, action, onClose }: DecideQuotaDialogProps) {
  const { t } = useTranslation("institutions");
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const changesOf = useChanges(currency);
  const effect = useQuotaEffect(institution.slug, action === "withdraw" ? null : proposal.limits);
  const decide = useMutation({
    mutationFn: () => api.send("POST", paths.quotaDecision(institution.slug, proposal.id, action), { reason }, QuotaProposal),
    onSuccess: async () => {
      onClose();
      await Promise.all(
        [paths.quota(institution.slug), paths.quotaProposals(institution.slug)].map((path) =>
          queryClient.invalidateQueries({ queryKey: [path] }),
        ),
      );
    },
    onError: () => (action === "withdraw" ? undefined : void effect.refetch()),
  });
  return (
    <ActDialog
      title={t(`quota.decideTitle.${action}`, { name: institution.name })}
      confirm={t(`quota.decideNow.${action}`)}
      isReady={reason.trim() !== "" && (action !== "approve" || (effect.data !== undefined && !effect.isFetching))}
      isBusy={decide.isPending}
      error={decide.error}
      onSubmit={() => decide.mutate()}
      onClose={onClose}
    >
      <ul>
        {changesOf(proposal).map((change) => (
          <li key={change}>{change}</li>
        ))}
      </ul>
      {action !== "withdraw" && <QuotaEffectView effect={effect} currency={currency} />}
      <ReasonField value={reason} onChange={setReason} isFirst />
    </ActDialog>
  );
}
