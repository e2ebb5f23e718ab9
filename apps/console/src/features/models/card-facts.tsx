import type { Card } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { Fact, Facts } from "../../ui/facts.js";

/** What people wrote about a model; an empty field says that it is missing. */
export function CardFacts({ card }: { readonly card: Card }) {
  const { t } = useTranslation("models");
  const text = (value: string) => (value ? <span dir="auto">{value}</span> : <span className="zg-quiet">{t("card.missing")}</span>);
  return (
    <Facts>
      <Fact term={t("card.purpose")}>{text(card.purpose)}</Fact>
      <Fact term={t("card.limits")}>{text(card.limits)}</Fact>
      <Fact term={t("card.trainingData")}>{text(card.trainingData)}</Fact>
      <Fact term={t("card.contact")}>{text(card.contact)}</Fact>
      <Fact term={t("card.languages")}>{text(card.languages.join(", "))}</Fact>
    </Facts>
  );
}
