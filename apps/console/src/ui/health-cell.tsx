import type { Cluster } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { StateBadge } from "./state-badge.js";

/** Whether a cluster can take work; where it cannot, why and what to do. */
export function HealthCell({ cluster }: { readonly cluster: Cluster }) {
  const { t } = useTranslation();
  if (cluster.healthy) return <StateBadge glyph="checked" tone="good" word={t("health.healthy")} />;
  return (
    <span className="zg-stack zg-stack-tight">
      <StateBadge glyph="warning" tone="bad" word={t("health.unhealthy")} />
      {cluster.reason && <span dir="auto">{cluster.reason}</span>}
      {cluster.remedy && (
        <span className="zg-quiet" dir="auto">
          {cluster.remedy}
        </span>
      )}
    </span>
  );
}
