import type { SearchCount, SearchHit } from "@ziggurat/contracts";
import { type MouseEvent, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../lib/use-formats.js";
import { Glyph } from "../ui/glyph.js";
import { HitMark } from "../ui/hit-mark.js";
import { MarkedField } from "../ui/marked.js";

interface SearchSuggestionsProps {
  readonly id: string;
  /** In the order of their kinds. */
  readonly hits: readonly SearchHit[];
  readonly counts: readonly SearchCount[];
  readonly active: number;
  /** The place among the hits; behind the last one, everything that was found. */
  readonly onChoose: (index: number) => void;
}

/** The list of the search box: hits by kind, each kind with how many there are, and the way to all of them. */
export function SearchSuggestions({ id, hits, counts, active, onChoose }: SearchSuggestionsProps) {
  const { t } = useTranslation("search");
  const formats = useFormats();
  useEffect(() => {
    document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [id, active]);
  const option = (index: number) => ({
    id: `${id}-${index}`,
    role: "option",
    tabIndex: -1,
    "aria-selected": index === Math.min(active, hits.length),
    className: "zg-search-item",
    // The box keeps the focus: losing it would close the list before the click arrives.
    onMouseDown: (event: MouseEvent) => event.preventDefault(),
    onClick: () => onChoose(index),
  });
  return (
    <div id={id} role="listbox" aria-label={t("results")}>
      {counts
        .filter(({ kind }) => hits.some((hit) => hit.kind === kind))
        .map(({ kind, count, isMore }) => {
          const total = t(isMore ? "countMore" : "count", { value: formats.number(count) });
          return (
            // biome-ignore lint/a11y/useSemanticElements: inside a listbox the pattern asks for a group of options, not of fields
            <div key={kind} role="group" aria-label={`${t(`kind.${kind}`)} ${total}`}>
              <div className="zg-search-kind" aria-hidden="true">
                {t(`kind.${kind}`)} <span>{total}</span>
              </div>
              {hits.map((hit, index) =>
                hit.kind === kind ? (
                  <div key={hit.ref} {...option(index)}>
                    <HitMark hit={hit} />
                    <span className="zg-clip">
                      <MarkedField of={hit.matches} field="ref" text={hit.ref} />
                    </span>
                    <span className="zg-clip zg-quiet">
                      <MarkedField of={hit.matches} field="name" text={hit.title} />
                    </span>
                  </div>
                ) : null,
              )}
            </div>
          );
        })}
      <div {...option(hits.length)}>
        <Glyph name="search" />
        <span>{t("showAll")}</span>
      </div>
    </div>
  );
}
