import type { Terms } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { Fact, Facts } from "../../ui/facts.js";
import { StateBadge } from "../../ui/state-badge.js";

/** Use limits, in words. */
export function TermsFacts({ terms }: { readonly terms: Terms }) {
  const { t } = useTranslation("models");
  const answer = (allowed: boolean) => (
    <StateBadge
      glyph={allowed ? "check" : "cross"}
      tone={allowed ? "good" : "warning"}
      word={allowed ? t("terms.allowed") : t("terms.notAllowed")}
    />
  );
  return (
    <Facts>
      <Fact term={t("terms.commercialUse")}>{answer(terms.commercialUse)}</Fact>
      <Fact term={t("terms.redistribution")}>{answer(terms.redistribution)}</Fact>
      <Fact term={t("terms.regions")}>{terms.regions.length > 0 ? <bdi>{terms.regions.join(", ")}</bdi> : t("terms.anywhere")}</Fact>
    </Facts>
  );
}
