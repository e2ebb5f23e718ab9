import type { Tier, VersionState } from "@ziggurat/contracts";
import i18next from "i18next";
import { useTranslation } from "react-i18next";

/** Groups of words whose keys the server may add to: one without a translation is shown as it came. */
export type OpenGroup =
  | "gate"
  | "method"
  | "action"
  | "hyperparameter"
  | "metric"
  | "schedule"
  | "artifactKind"
  | "relation"
  | "seal"
  | "tier"
  | "versionState";

/** The fixed words of the domain in the reader's language; typed, so that a new state without a word does not compile. */
export function useWords() {
  const { t } = useTranslation("words");
  return {
    tier: (tier: Tier) => t(`tier.${tier}`),
    tierModels: (tier: Tier) => t(`tierModels.${tier}`),
    versionState: (state: VersionState) => t(`versionState.${state}`),
    known: (group: OpenGroup, key: string): string => {
      const text: unknown = i18next.getResource(i18next.language, "words", `${group}\u0000${key}`, { keySeparator: "\u0000" });
      return typeof text === "string" ? text : key;
    },
    t,
  };
}
