import type { Institution, QuotaProposal, QuotaProposalState } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Column } from "../../ui/data-table.js";
import type { GlyphName } from "../../ui/glyph.js";
import { ListSection } from "../../ui/list-section.js";
import { StateBadge, type Tone } from "../../ui/state-badge.js";
import { Time } from "../../ui/time.js";
import type { Pages } from "../../ui/use-pages.js";
import { DecideQuotaDialog, type Deciding } from "./decide-quota-dialog.js";
import { useChanges } from "./quota-changes.js";

const LOOK: Record<QuotaProposalState, readonly [GlyphName, Tone]> = {
  pending: ["review", "warning"],
  approved: ["checked", "good"],
  rejected: ["failed", "bad"],
  withdrawn: ["archive", "quiet"],
};

interface QuotaProposalsProps {
  readonly institution: Institution;
  readonly currency: string;
  readonly read: Pages<QuotaProposal>;
}

/** Changes that were asked for, newest first, with what became of them. */
export function QuotaProposals({ institution, currency, read }: QuotaProposalsProps) {
  const { t } = useTranslation("institutions");
  const [deciding, setDeciding] = useState<Deciding | null>(null);
  const columns = useColumns(currency, setDeciding);
  return (
    <>
      <ListSection<QuotaProposal>
        title={t("quota.proposals")}
        level={3}
        read={read}
        empty={t("quota.noProposals")}
        columns={columns}
        rowKey={(row) => row.id}
      />
      {deciding && <DecideQuotaDialog institution={institution} currency={currency} {...deciding} onClose={() => setDeciding(null)} />}
    </>
  );
}

function useColumns(currency: string, onDecide: (deciding: Deciding) => void): Column<QuotaProposal>[] {
  const { t } = useTranslation("institutions");
  const changesOf = useChanges(currency);
  return [
    {
      id: "change",
      header: t("quota.column.change"),
      cell: (row) => (
        <>
          {changesOf(row).map((change) => (
            <div key={change}>{change}</div>
          ))}
          <div className="zg-quiet zg-small">
            <bdi>{row.decisionReason === null ? row.reason : `${row.reason} → ${row.decisionReason}`}</bdi>
          </div>
        </>
      ),
    },
    {
      id: "by",
      header: t("quota.column.by"),
      cell: (row) => (
        <>
          <bdi>{row.proposedBy}</bdi>
          <div className="zg-quiet zg-small">
            <Time at={row.proposedAt} />
          </div>
        </>
      ),
    },
    {
      id: "state",
      header: t("quota.column.state"),
      cell: (row) => (
        <>
          <StateBadge glyph={LOOK[row.state][0]} tone={LOOK[row.state][1]} word={t(`quota.is.${row.isStale ? "stale" : row.state}`)} />
          {row.decidedBy !== null && (
            <div className="zg-quiet zg-small">
              <bdi>{row.decidedBy}</bdi>
            </div>
          )}
        </>
      ),
    },
    {
      id: "decide",
      header: <span className="zg-visually-hidden">{t("quota.column.actions")}</span>,
      align: "end",
      cell: (row) => (
        <div className="zg-row">
          {row.moves
            .filter(({ allowed }) => allowed)
            .map(({ action }) => (
              <button key={action} type="button" className="zg-link-button" onClick={() => onDecide({ proposal: row, action })}>
                {t(`quota.decide.${action}`)}
              </button>
            ))}
        </div>
      ),
    },
  ];
}
