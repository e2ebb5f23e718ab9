import type { Plan } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../../lib/use-formats.js";
import { Fact } from "../../../ui/facts.js";
import { Glyph } from "../../../ui/glyph.js";

type Line = Plan["quota"][number];

/** What the request may cost, and what is left of the institution's quota and budget. Where it is too much, by how much, and who can raise it. */
export function QuotaFacts({ plan: { cost, quota } }: { readonly plan: Plan }) {
  const { t } = useTranslation("jobs");
  const formats = useFormats();
  const money = (amount: number) => formats.money(amount, cost?.currency ?? "CNY");
  const amountOf = ({ dimension }: Line, amount: number) => {
    if (dimension === "money") return money(amount);
    return dimension === "gpuHours" ? formats.gpuHours(amount) : formats.number(amount);
  };
  return (
    <>
      {cost && (
        <Fact term={t("estimate.cost")}>{cost.low === cost.high ? money(cost.high) : `${money(cost.low)} – ${money(cost.high)}`}</Fact>
      )}
      {quota.map((line) => {
        const over = line.wanted - line.left;
        return (
          <Fact key={line.dimension} term={t(`quota.${line.dimension}`)}>
            <span className="zg-state zg-state-long" data-tone={over > 0 ? "bad" : "good"}>
              <Glyph name={over > 0 ? "failed" : "checked"} />
              <span>
                {t("quota.left", { wanted: amountOf(line, line.wanted), left: amountOf(line, line.left), stop: amountOf(line, line.stop) })}
                {over > 0 && <> {t("quota.over", { over: amountOf(line, over) })}</>}
              </span>
            </span>
          </Fact>
        );
      })}
    </>
  );
}
