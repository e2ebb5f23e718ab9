import { Checkbox } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  type Institution,
  type Limit,
  ProposeQuota,
  paths,
  QUOTA_DIMENSIONS,
  type Quota,
  type QuotaDimension,
  QuotaLimits,
  QuotaProposal,
} from "@ziggurat/contracts";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { minorUnits } from "../../lib/format.js";
import { useSettled } from "../../lib/use-delayed.js";
import { ActDialog } from "../../ui/act-dialog.js";
import { AmountInput } from "../../ui/amount-input.js";
import { ReasonField } from "../../ui/reason-field.js";
import { UNLIMITED } from "./quota-changes.js";
import { QuotaEffectView, useQuotaEffect } from "./quota-effect.js";

const SETTLE_MS = 400;
const GB = 1_000_000_000;
const WARN_PERCENT = 80;

interface ProposeQuotaDialogProps {
  readonly institution: Institution;
  readonly quota: Quota;
  readonly onClose: () => void;
}

/** Asks for other limits. What they would do is shown before anything is saved, and nothing is saved before it is. */
export function ProposeQuotaDialog({ institution, quota, onClose }: ProposeQuotaDialogProps) {
  const { t } = useTranslation("institutions");
  const queryClient = useQueryClient();
  const [limits, setLimits] = useState<QuotaLimits>(quota.limits ?? UNLIMITED);
  const [reason, setReason] = useState("");
  const settled = useSettled(limits, SETTLE_MS);
  const checked = useMemo(() => QuotaLimits.safeParse(settled).data ?? null, [settled]);
  const effect = useQuotaEffect(institution.slug, checked);
  const isShown = settled === limits && checked !== null && effect.data !== undefined && !effect.isFetching;
  const request = { limits, revision: effect.data?.revision ?? quota.revision, reason };
  const propose = useMutation({
    mutationFn: () => api.send("POST", paths.quotaProposals(institution.slug), request, QuotaProposal),
    onSuccess: async () => {
      onClose();
      await Promise.all(
        [paths.quota(institution.slug), paths.quotaProposals(institution.slug)].map((path) =>
          queryClient.invalidateQueries({ queryKey: [path] }),
        ),
      );
    },
    onError: () => void effect.refetch(),
  });
  return (
    <ActDialog
      title={t("quota.proposeTitle", { name: institution.name })}
      confirm={t("quota.proposeNow")}
      isReady={isShown && ProposeQuota.safeParse(request).success}
      isBusy={propose.isPending}
      error={propose.error}
      onSubmit={() => propose.mutate()}
      onClose={onClose}
    >
      <p>{t("quota.proposeRule")}</p>
      {QUOTA_DIMENSIONS.map((dimension) => (
        <LimitFields
          key={dimension}
          dimension={dimension}
          currency={quota.currency}
          limit={limits[dimension]}
          onChange={(limit) => setLimits((before) => ({ ...before, [dimension]: limit }))}
        />
      ))}
      <Checkbox
        label={t("quota.borrow")}
        description={t("quota.borrowRule")}
        checked={limits.mayBorrow}
        onChange={(event) => {
          const { checked: mayBorrow } = event.currentTarget;
          setLimits((before) => ({ ...before, mayBorrow }));
        }}
      />
      <ReasonField value={reason} onChange={setReason} />
      <QuotaEffectView effect={effect} currency={quota.currency} />
    </ActDialog>
  );
}

interface LimitFieldsProps {
  readonly dimension: QuotaDimension;
  readonly currency: string;
  readonly limit: Limit | null;
  readonly onChange: (limit: Limit | null) => void;
}

/** A limit in the unit people use for it; empty is unlimited. */
function LimitFields({ dimension, currency, limit, onChange }: LimitFieldsProps) {
  const { t } = useTranslation("institutions");
  const unit = dimension === "money" ? minorUnits(currency) : dimension === "storageBytes" ? GB : 1;
  const name = t(`quota.dimension.${dimension}`);
  // A percentage that was rubbed out is not one yet, and the one before is not it.
  const [warn, setWarn] = useState<number | null>(limit?.warnPercent ?? WARN_PERCENT);
  const change = (stop: number | null, percent: number | null) => {
    setWarn(percent);
    onChange(stop === null ? null : { stop, warnPercent: percent ?? Number.NaN });
  };
  return (
    <div className="zg-pair">
      <AmountInput
        label={name}
        description={t(`quota.unit.${dimension}`, { currency })}
        placeholder={t("quota.any")}
        min={0}
        unit={unit}
        value={limit?.stop ?? null}
        onChange={(stop) => change(stop, warn)}
      />
      <AmountInput
        label={t("quota.warnOf", { name })}
        description={t("quota.warnRule")}
        min={1}
        max={100}
        disabled={limit === null}
        value={warn}
        onChange={(percent) => change(limit?.stop ?? null, percent)}
      />
    </div>
  );
}
