import { QUOTA_DIMENSIONS, type QuotaLimits, type QuotaProposal } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useAmounts } from "./quota-bars.js";

/** What an institution without a quota has. */
export const UNLIMITED: QuotaLimits = { gpus: null, gpuHours: null, money: null, jobsQueued: null, storageBytes: null, mayBorrow: false };

/** What a proposal would change, in words. */
export function useChanges(currency: string): (proposal: Pick<QuotaProposal, "before" | "limits">) => string[] {
  const { t } = useTranslation("institutions");
  const write = useAmounts(currency);
  return ({ before, limits }) => {
    const changes = QUOTA_DIMENSIONS.flatMap((dimension) => {
      const [was, will] = [before?.[dimension] ?? null, limits[dimension]];
      const text = (limit: typeof will) =>
        limit === null ? t("quota.any") : t("quota.limit", { stop: write(dimension, limit.stop), warn: limit.warnPercent });
      if (text(was) === text(will)) return [];
      return [t("quota.change", { name: t(`quota.dimension.${dimension}`), before: text(was), after: text(will) })];
    });
    const borrows =
      (before?.mayBorrow ?? false) === limits.mayBorrow ? [] : [t(limits.mayBorrow ? "quota.mayBorrow" : "quota.mayNotBorrow")];
    return [...changes, ...borrows];
  };
}
