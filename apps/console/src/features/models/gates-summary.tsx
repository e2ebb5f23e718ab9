import type { GateResult } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { StateBadge } from "../../ui/state-badge.js";

/** Gates in one word: all passed, or how many are open or failed. */
export function GatesSummary({ gates }: { readonly gates: readonly GateResult[] }) {
  const { t } = useTranslation("models");
  if (gates.length === 0) return <span className="zg-quiet">–</span>;
  const failed = gates.filter((gate) => gate.verdict === "failed").length;
  const missing = gates.filter((gate) => gate.verdict === "missing").length;
  if (failed > 0) return <StateBadge glyph="failed" tone="bad" word={t("gates.failed", { count: failed })} />;
  if (missing > 0) return <StateBadge glyph="review" tone="warning" word={t("gates.missing", { count: missing })} />;
  return <StateBadge glyph="checked" tone="good" word={t("gates.passed", { count: gates.length })} />;
}
