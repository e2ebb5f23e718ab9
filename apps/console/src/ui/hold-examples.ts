import type { HoldKind } from "@ziggurat/contracts";

/** How what is held is written: references, the same in every language. */
export const HOLD_EXAMPLES: Readonly<Record<HoldKind, string>> = {
  version: "northbank/cards@3",
  model: "northbank/cards",
  dataset: "northbank/dialogues@2",
  institution: "northbank",
};
