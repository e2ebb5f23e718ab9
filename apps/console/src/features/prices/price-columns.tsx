import type { Price, PriceState } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import type { Column } from "../../ui/data-table.js";
import type { GlyphName } from "../../ui/glyph.js";
import { StateBadge, type Tone } from "../../ui/state-badge.js";
import { Time } from "../../ui/time.js";
import { STORAGE } from "./use-subjects.js";

const LOOK: Record<PriceState, readonly [GlyphName, Tone]> = {
  coming: ["queue", "quiet"],
  in_force: ["checked", "good"],
  past: ["archive", "quiet"],
};

/** Writes an amount with what it is for: an hour on a place, or a GiB stored for a month. */
export function useRates(): (price: Pick<Price, "subject" | "amount" | "currency">) => string {
  const { t } = useTranslation("prices");
  const formats = useFormats();
  return ({ subject, amount, currency }) => t(subject === STORAGE ? "perGibMonth" : "perHour", { amount: formats.money(amount, currency) });
}

/** The columns of a list of prices. */
export function usePriceColumns(nameOf: (subject: string) => string): Column<Price>[] {
  const { t } = useTranslation("prices");
  const rateOf = useRates();
  return [
    { id: "subject", header: t("column.subject"), cell: ({ subject }) => <bdi>{nameOf(subject)}</bdi> },
    { id: "amount", header: t("column.amount"), nowrap: true, cell: (row) => rateOf(row) },
    { id: "from", header: t("column.from"), nowrap: true, cell: ({ validFrom }) => <Time at={validFrom} /> },
    {
      id: "to",
      header: t("column.to"),
      nowrap: true,
      cell: ({ validTo }) => (validTo === null ? t("untilNext") : <Time at={validTo} />),
    },
    {
      id: "state",
      header: t("column.state"),
      nowrap: true,
      cell: ({ state }) => <StateBadge glyph={LOOK[state][0]} tone={LOOK[state][1]} word={t(`is.${state}`)} />,
    },
    {
      id: "by",
      header: t("column.by"),
      cell: ({ setBy, reason }) => (
        <>
          <bdi>{setBy}</bdi>
          <div className="zg-quiet zg-small">
            <bdi>{reason}</bdi>
          </div>
        </>
      ),
    },
  ];
}
