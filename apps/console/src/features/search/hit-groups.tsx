import { Button } from "@mantine/core";
import type { SearchCount, SearchHit, SearchKind } from "@ziggurat/contracts";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import { HitList } from "./hit-list.js";

interface HitGroupsProps {
  readonly hits: readonly SearchHit[];
  readonly counts: readonly SearchCount[];
  readonly isDimmed: boolean;
  readonly onAll: (kind: SearchKind) => void;
}

/** The first few of each kind under its heading, with how many there are and the way to the rest. */
export function HitGroups({ hits, counts, isDimmed, onAll }: HitGroupsProps) {
  return counts.map((count) => {
    const own = hits.filter(({ kind }) => kind === count.kind);
    return own.length === 0 ? null : <HitGroup key={count.kind} hits={own} count={count} isDimmed={isDimmed} onAll={onAll} />;
  });
}

function HitGroup({
  hits,
  count: { kind, count, isMore },
  isDimmed,
  onAll,
}: Omit<HitGroupsProps, "counts"> & { readonly count: SearchCount }) {
  const { t } = useTranslation("search");
  const formats = useFormats();
  const id = useId();
  const total = t(isMore ? "countMore" : "count", { value: formats.number(count) });
  return (
    <section className="zg-hit-group" aria-labelledby={id}>
      <header className="zg-row">
        <h2 id={id}>
          {t(`kind.${kind}`)} <span className="zg-quiet">{total}</span>
        </h2>
        {count > hits.length && (
          <Button variant="subtle" size="compact-sm" onClick={() => onAll(kind)}>
            {t("showAllOf", { kind: t(`kind.${kind}`), value: total })}
          </Button>
        )}
      </header>
      <HitList hits={hits} label={t(`kind.${kind}`)} isDimmed={isDimmed} />
    </section>
  );
}
