import type { Model } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import { Fact, Facts } from "../../ui/facts.js";
import { cardFieldsOf, cardTexts } from "./card-fields.js";

/** What people wrote about a model, how complete that is, and what the tier asks for besides. */
export function CardFacts({ model }: { readonly model: Model }) {
  const { t, i18n } = useTranslation("models");
  const formats = useFormats();
  const texts = cardTexts(model.card);
  const missing = new Intl.ListFormat(i18n.language).format(model.cardGaps.map((gap) => t(`card.${gap}`)));
  return (
    <div className="zg-stack zg-stack-tight">
      <p className="zg-row">
        <progress className="zg-meter zg-meter-short" max={1} value={model.cardCompleteness} aria-label={t("card.completeness")} />
        <span>{t("card.complete", { share: formats.share(model.cardCompleteness) })}</span>
      </p>
      {model.cardGaps.length > 0 && <p className="zg-quiet zg-small">{t("card.gaps", { count: model.cardGaps.length, missing })}</p>}
      <Facts>
        {cardFieldsOf(model.tier).map(({ field }) => (
          <Fact key={field} term={t(`card.${field}`)}>
            {texts[field] ? (
              <span className="zg-break" dir="auto">
                {texts[field]}
              </span>
            ) : (
              <span className="zg-quiet">{t("card.missing")}</span>
            )}
          </Fact>
        ))}
      </Facts>
    </div>
  );
}
