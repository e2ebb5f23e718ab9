import type { AuditVerification } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import { DataTable } from "../../ui/data-table.js";
import { StateBadge } from "../../ui/state-badge.js";

/** The verdict over each chain, with the first entry that does not hold. */
export function VerdictNote({ verification }: { readonly verification: AuditVerification }) {
  const { t } = useTranslation("audit");
  const formats = useFormats();
  return (
    <div className="zg-stack" role="status">
      <div className="zg-note" data-tone={verification.ok ? "good" : "warning"}>
        <StateBadge
          glyph={verification.ok ? "checked" : "failed"}
          tone={verification.ok ? "good" : "bad"}
          word={verification.ok ? t("verdict.holds") : t("verdict.broken")}
        />
        <span className="zg-quiet">{t("verdict.at", { time: formats.time(verification.verifiedAt) })}</span>
      </div>
      <div className="zg-framed">
        <DataTable
          label={t("verdict.title")}
          rows={verification.chains}
          rowKey={(chain) => chain.chain}
          columns={[
            { id: "chain", header: t("column.chain"), cell: (chain) => <bdi>{chain.chain}</bdi> },
            { id: "entries", header: t("verdict.entries"), align: "end", cell: (chain) => formats.number(chain.entries) },
            { id: "pending", header: t("verdict.pending"), align: "end", cell: (chain) => formats.number(chain.pending) },
            {
              id: "ok",
              header: t("verdict.result"),
              cell: (chain) =>
                chain.firstBad ? (
                  <StateBadge
                    glyph="failed"
                    tone="bad"
                    word={t(`verdict.problem.${chain.firstBad.problem}`, { sequence: formats.number(chain.firstBad.sequence) })}
                  />
                ) : (
                  <StateBadge
                    glyph={chain.ok ? "checked" : "failed"}
                    tone={chain.ok ? "good" : "bad"}
                    word={chain.ok ? t("verdict.holds") : t("verdict.broken")}
                  />
                ),
            },
          ]}
        />
      </div>
    </div>
  );
}
