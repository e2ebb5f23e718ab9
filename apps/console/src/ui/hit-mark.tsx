import type { SearchHit, SearchKind } from "@ziggurat/contracts";
import { Glyph, type GlyphName } from "./glyph.js";
import { TierMark } from "./tier-mark.js";

const GLYPHS: Record<SearchKind, GlyphName> = { model: "dot", version: "dot", dataset: "queue", institution: "archive", person: "person" };

/** What kind of thing was found; the group it stands in says the word. */
export function HitMark({ hit }: { readonly hit: Pick<SearchHit, "kind" | "tier"> }) {
  return hit.tier === null ? <Glyph name={GLYPHS[hit.kind]} /> : <TierMark tier={hit.tier} short />;
}
