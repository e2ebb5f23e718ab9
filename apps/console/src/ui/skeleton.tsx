import { useTranslation } from "react-i18next";
import { useDelayed } from "../lib/use-delayed.js";

const WIDTHS = [38, 52, 31, 46, 40, 57];

/** Rows in the shape of what is coming, after 150 ms and not before. */
export function Skeleton({ rows = 5 }: { readonly rows?: number }) {
  const { t } = useTranslation();
  const isLate = useDelayed(true);
  if (!isLate) return null;
  return (
    <div role="status" aria-label={t("loading")}>
      {Array.from({ length: rows }, (_, row) => WIDTHS[row % WIDTHS.length] ?? 40).map((width, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are alike and never move
        <div className="zg-skeleton-row" key={row}>
          <div className="zg-skeleton" style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  );
}
