import { useVirtualizer } from "@tanstack/react-virtual";
import { type Pyramid, TIERS } from "@ziggurat/contracts";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import { VersionLink } from "../../ui/ref-link.js";
import { VersionStateBadge } from "../../ui/state-badge.js";
import { TierMark } from "../../ui/tier-mark.js";
import { type SortKey, sortRows } from "./sort-rows.js";

const COLUMNS: readonly SortKey[] = ["version", "tier", "institution", "state", "parent"];

interface PyramidTableProps {
  readonly pyramid: Pyramid;
  readonly rows: readonly number[];
  readonly selected: number;
  readonly onSelect: (index: number) => void;
}

/** The map's versions as rows, with the same filter; only those in view are on the page. */
export function PyramidTable({ pyramid, rows, selected, onSelect }: PyramidTableProps) {
  const { t } = useTranslation("pyramid");
  const formats = useFormats();
  const scroller = useRef<HTMLDivElement>(null);
  const [sort, setSort] = useState<{ key: SortKey; isDown: boolean }>({ key: "tier", isDown: false });
  const sorted = useMemo(() => sortRows(pyramid, rows, sort.key, sort.isDown, formats.language), [pyramid, rows, sort, formats.language]);
  const list = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 36,
    overscan: 12,
    initialRect: { width: 1000, height: 600 },
  });
  const items = list.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = list.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <div ref={scroller} className="zg-virtual-table" tabIndex={0}>
      <table className="zg-table" aria-label={t("title")} aria-rowcount={sorted.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {COLUMNS.map((key) => (
              <th key={key} scope="col" aria-sort={sort.key === key ? (sort.isDown ? "descending" : "ascending") : undefined}>
                <button type="button" className="zg-sort" onClick={() => setSort({ key, isDown: sort.key === key && !sort.isDown })}>
                  {t(`column.${key}`)}
                  <span aria-hidden="true">{sort.key === key ? (sort.isDown ? " ↓" : " ↑") : ""}</span>
                </button>
              </th>
            ))}
            <th scope="col">
              <span className="zg-visually-hidden">{t("column.select")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {before > 0 && (
            <tr style={{ height: before }}>
              <td colSpan={6} />
            </tr>
          )}
          {items.map((item) => {
            const index = sorted[item.index] ?? 0;
            const ref = pyramid.ref[index] ?? "";
            const tier = TIERS[pyramid.tier[index] ?? 0] ?? "foundation";
            const parent = pyramid.ref[pyramid.parent[index] ?? -1];
            return (
              <tr key={ref} aria-rowindex={item.index + 2} data-selected={index === selected || undefined}>
                <td>
                  <VersionLink value={ref} />
                </td>
                <td>
                  <TierMark tier={tier} />
                </td>
                <td>
                  <bdi>{pyramid.institutions[pyramid.institution[index] ?? -1]?.name ?? "–"}</bdi>
                </td>
                <td>
                  <VersionStateBadge state={pyramid.state[index] ?? "draft"} />
                </td>
                <td>{parent ? <VersionLink value={parent} /> : "–"}</td>
                <td data-align="end">
                  <button
                    type="button"
                    className="zg-link-button"
                    aria-pressed={index === selected}
                    onClick={() => onSelect(index === selected ? -1 : index)}
                  >
                    {t("column.select")}
                  </button>
                </td>
              </tr>
            );
          })}
          {after > 0 && (
            <tr style={{ height: after }}>
              <td colSpan={6} />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
