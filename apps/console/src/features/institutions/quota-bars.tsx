import type { QuotaDimension, QuotaUse } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import { StateBadge } from "../../ui/state-badge.js";

interface QuotaBarsProps {
  readonly label: string;
  readonly uses: readonly QuotaUse[];
  readonly currency: string;
}

/** Writes an amount of what is limited, in its own unit. */
export function useAmounts(currency: string): (dimension: QuotaDimension, amount: number) => string {
  const formats = useFormats();
  return (dimension, amount) => {
    switch (dimension) {
      case "gpuHours":
        return formats.gpuHours(amount);
      case "money":
        return formats.money(amount, currency);
      case "storageBytes":
        return formats.bytes(amount);
      case "gpus":
      case "jobsQueued":
        return formats.number(amount);
    }
  };
}

/** One bar for each thing that is limited: what is used, what open jobs will need, and where the limit lies. */
export function QuotaBars({ label, uses, currency }: QuotaBarsProps) {
  return (
    <ul className="zg-quota" aria-label={label}>
      {uses.map((use) => (
        <QuotaBar key={use.dimension} use={use} currency={currency} />
      ))}
    </ul>
  );
}

function QuotaBar({ use, currency }: { readonly use: QuotaUse; readonly currency: string }) {
  const { t } = useTranslation("institutions");
  const formats = useFormats();
  const write = useAmounts(currency);
  const amount = (value: number) => write(use.dimension, value);
  const name = t(`quota.dimension.${use.dimension}`);
  const text =
    use.limit === null
      ? t("quota.unlimited", { used: amount(use.used) })
      : t("quota.usedOf", { used: amount(use.used), stop: amount(use.limit.stop) });
  return (
    <li>
      <div className="zg-spread">
        <strong>{name}</strong>
        <span>{text}</span>
      </div>
      {use.limit !== null && (
        <progress
          className="zg-meter"
          data-state={use.state}
          value={Math.min(100, use.percent ?? 0)}
          max={100}
          aria-label={name}
          aria-valuetext={`${text}, ${formats.share((use.percent ?? 0) / 100, 1)}`}
        />
      )}
      <div className="zg-row zg-quiet zg-small">
        {use.limit !== null && <span>{formats.share((use.percent ?? 0) / 100, 1)}</span>}
        {use.reserved > 0 && <span>{t("quota.reserved", { amount: amount(use.reserved) })}</span>}
        {use.borrowed > 0 && <span>{t("quota.borrowed", { amount: amount(use.borrowed) })}</span>}
        {use.forecast !== null && <span>{t("quota.forecast", { amount: amount(use.forecast) })}</span>}
        {use.limit !== null && <span>{t("quota.warnAt", { percent: formats.share(use.limit.warnPercent / 100) })}</span>}
        {use.state !== "within" && (
          <StateBadge
            glyph={use.state === "full" ? "failed" : "warning"}
            tone={use.state === "full" ? "bad" : "warning"}
            word={t(`quota.state.${use.state}`)}
          />
        )}
      </div>
    </li>
  );
}
