import { type Institution, paths, QuotaProposal, type QuotaProposalState } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Column, DataTable } from "../../ui/data-table.js";
import type { GlyphName } from "../../ui/glyph.js";
import { ListFaces } from "../../ui/list-faces.js";
import { StateBadge, type Tone } from "../../ui/state-badge.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";
import { DecideQuotaDialog, type Deciding } from "./decide-quota-dialog.js";
import { useChanges } from "./quota-changes.js";

const LOOK: Record<QuotaProposalState, readonly [GlyphName, Tone]> = {
  pending: ["review", "warning"],
  approved: ["checked", "good"],
  rejected: ["failed", "bad"],
  withdrawn: ["archive", "quiet"],
};

/** Changes that were asked for, newest first, with what became of them. */
export function QuotaProposals({ institution, currency }: { readonly institution: Institution; readonly currency: string }) {
  const { t } = useTranslation("institutions");
  const [deciding, setDeciding] = useState<Deciding | null>(null);
  const read = usePages({ path: paths.quotaProposals(institution.slug), item: QuotaProposal });
  const columns = useColumns(currency, setDeciding);
  return (
    <section className="zg-stack" aria-label={t("quota.proposals")}>
      <h3>{t("quota.proposals")}</h3>
      <ListFaces read={read} empty={t("quota.noProposals")}>
        {(rows) => (
          <>
            <DataTable<QuotaProposal> label={t("quota.proposals")} rows={rows} rowKey={(row) => row.id} columns={columns} />
            <TableFoot shown={rows.length} {...read} />
          </>
        )}
      </ListFaces>
      {deciding && <DecideQuotaDialog institution={institution} currency={currency} {...deciding} onClose={() => setDeciding(null)} />}
    </section>
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
