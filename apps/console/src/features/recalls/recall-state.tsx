import type { RecallState } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import type { GlyphName } from "../../ui/glyph.js";
import { StateBadge, type Tone } from "../../ui/state-badge.js";

const LOOKS: Record<RecallState, readonly [GlyphName, Tone]> = {
  executing: ["play", "active"],
  in_force: ["failed", "bad"],
  lifting: ["play", "active"],
  lifted: ["checked", "quiet"],
};

export function RecallStateBadge({ state }: { readonly state: RecallState }) {
  const { t } = useTranslation("recalls");
  const [glyph, tone] = LOOKS[state];
  return <StateBadge glyph={glyph} tone={tone} word={t(`state.${state}`)} />;
}
