import type { InstitutionState } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import type { GlyphName } from "./glyph.js";
import { StateBadge, type Tone } from "./state-badge.js";

const LOOK: Record<InstitutionState, readonly [GlyphName, Tone]> = {
  active: ["checked", "good"],
  leaving: ["warning", "warning"],
  erasing: ["play", "bad"],
  erased: ["archive", "quiet"],
};

/** Whether an institution is here, on its way out, or gone. */
export function InstitutionStateBadge({ state }: { readonly state: InstitutionState }) {
  const { t } = useTranslation("exit");
  const [glyph, tone] = LOOK[state];
  return <StateBadge glyph={glyph} tone={tone} word={t(`state.${state}`)} />;
}
