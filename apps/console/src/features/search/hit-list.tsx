import type { SearchHit } from "@ziggurat/contracts";
import i18next from "i18next";
import { useTranslation } from "react-i18next";
import { hitPath } from "../../lib/hit-path.js";
import { AppLink } from "../../ui/app-link.js";
import { HitMark } from "../../ui/hit-mark.js";
import { Marked, MarkedField } from "../../ui/marked.js";
import { VersionStateBadge } from "../../ui/state-badge.js";

interface HitListProps {
  readonly hits: readonly SearchHit[];
  readonly label: string;
  readonly isDimmed: boolean;
}

/** Results with the places where the words stand. */
export function HitList({ hits, label, isDimmed }: HitListProps) {
  return (
    <ul className="zg-hits" aria-label={label} data-dimmed={isDimmed || undefined}>
      {hits.map((hit) => (
        <li key={`${hit.kind} ${hit.ref}`}>
          <HitRow hit={hit} />
        </li>
      ))}
    </ul>
  );
}

function HitRow({ hit }: { readonly hit: SearchHit }) {
  const { t } = useTranslation("search");
  const elsewhere = hit.matches.filter(({ field, text }) => !(field === "ref" || (field === "name" && text === hit.title)));
  return (
    <>
      <div className="zg-hit-head">
        <HitMark hit={hit} />
        <AppLink to={hitPath(hit)} className="zg-break">
          <MarkedField of={hit.matches} field="ref" text={hit.ref} />
        </AppLink>
        <span className="zg-break">
          <MarkedField of={hit.matches} field="name" text={hit.title} />
        </span>
        {hit.state && <VersionStateBadge state={hit.state} />}
        {hit.kind !== "institution" && (
          <span className="zg-quiet">
            {t("of")} <bdi>{hit.owner}</bdi>
          </span>
        )}
      </div>
      {elsewhere.map(({ field, text, ranges }) => (
        <div key={field} className="zg-hit-match zg-break" dir="auto">
          <span className="zg-quiet">{fieldName(field)}</span> <Marked text={text} ranges={ranges} />
        </div>
      ))}
    </>
  );
}

/** The word for a field; a card's field that this console does not know yet goes by the card. */
function fieldName(field: string): string {
  const word = (path: string): string | null => {
    const text: unknown = i18next.getResource(i18next.language, "search", `in.${path}`);
    return typeof text === "string" ? text : null;
  };
  const [root = "", leaf] = field.split(".");
  return (leaf === undefined ? null : word(leaf)) ?? word(root) ?? word("card") ?? field;
}
