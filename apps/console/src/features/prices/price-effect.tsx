import type { PricePreview } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { Fact, Facts } from "../../ui/facts.js";
import { Time } from "../../ui/time.js";
import { useRates } from "./price-columns.js";
import { STORAGE } from "./use-subjects.js";

interface PriceEffectProps {
  readonly subject: string;
  readonly amount: number | null;
  readonly isAtOnce: boolean;
  readonly isBusy: boolean;
  readonly effect: PricePreview;
}

/** What a price takes the place of, what it costs from when, and what becomes of the month that it begins in. */
export function PriceEffect({ subject, amount, isAtOnce, isBusy, effect }: PriceEffectProps) {
  const { t } = useTranslation("prices");
  const rateOf = useRates();
  const { before, validFrom, until, currency } = effect;
  const kind = subject === STORAGE ? "storage" : "run";
  const month = validFrom.slice(0, 7);
  const isMidMonth = !validFrom.startsWith(`${month}-01T00:00:00`);
  return (
    <section className={isBusy ? "zg-stack zg-dimmed" : "zg-stack"} aria-label={t("effect.title")} aria-busy={isBusy} aria-live="polite">
      <h3>{t("effect.title")}</h3>
      <Facts>
        <Fact term={t("effect.before")}>{before === null ? t("effect.nothing") : rateOf(before)}</Fact>
        <Fact term={t("effect.then")}>{amount === null ? "–" : rateOf({ subject, amount, currency })}</Fact>
        <Fact term={t("column.from")}>{isAtOnce ? t("effect.atOnce") : <Time at={validFrom} />}</Fact>
        <Fact term={t("column.to")}>{until === null ? t("untilNext") : <Time at={until} />}</Fact>
      </Facts>
      <ul className="zg-small zg-points">
        <li>{t(`effect.keeps.${kind}`)}</li>
        <li>{isMidMonth ? t("effect.midMonth", { month }) : t("effect.wholeMonth", { month })}</li>
        <li>{t("effect.forGood")}</li>
      </ul>
    </section>
  );
}
