import type { Tier } from "@ziggurat/contracts";
import { useWords } from "../lib/words.js";

const SHAPES: Record<Tier, string> = {
  foundation: "M1 1h10v10H1z",
  finance: "M6 .5l5 2.75v5.5l-5 2.75l-5-2.75v-5.5z",
  institution: "M6 .8a5.2 5.2 0 1 0 0 10.4a5.2 5.2 0 0 0 0-10.4z",
};

/** A tier by colour, shape and word; `short` keeps the word for screen readers only. */
export function TierMark({ tier, short = false }: { readonly tier: Tier; readonly short?: boolean }) {
  const words = useWords();
  return (
    <span className="zg-tier" data-tier={tier} title={short ? words.tier(tier) : undefined}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        <path d={SHAPES[tier]} fill="currentColor" />
      </svg>
      <span className={short ? "zg-visually-hidden" : undefined}>{words.tier(tier)}</span>
    </span>
  );
}
