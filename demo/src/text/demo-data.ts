import { documentsOf, type TextRow } from "./corpus.js";
import { type ChatRow, dialoguesOf } from "./dialogue.js";
import { financeEnglish } from "./finance-en.js";
import { financeChinese } from "./finance-zh.js";
import { generalEnglish } from "./general-en.js";
import { generalChinese } from "./general-zh.js";
import { practiceOf } from "./practice.js";
import { seededRandom } from "./random.js";
import { callInspection, customerService } from "./scenarios.js";

/** Everything the demo trains and measures on. */
export interface DemoData {
  /** Everyday text with a little economy news in between, as any general text has. */
  readonly generalText: readonly TextRow[];
  readonly generalHeldOut: readonly TextRow[];
  readonly financeText: readonly TextRow[];
  /** General text that the finance model keeps reading, so that it forgets little. */
  readonly replayText: readonly TextRow[];
  /** Turns answered with one label, so that the finance model knows how to be asked. */
  readonly practiceDialogues: readonly ChatRow[];
  readonly financeHeldOut: readonly TextRow[];
  readonly serviceDialogues: readonly ChatRow[];
  readonly serviceHeldOut: readonly ChatRow[];
  readonly inspectionDialogues: readonly ChatRow[];
  readonly inspectionHeldOut: readonly ChatRow[];
}

/** How much is written: text in characters, dialogues in rows for each label and language. */
export const DEMO_SIZES = {
  generalCharacters: 700_000,
  newsCharacters: 100_000,
  financeCharacters: 150_000,
  replayCharacters: 100_000,
  practiceRows: 2_200,
  heldOutCharacters: 24_000,
  trainingRowsPerLabel: 85,
  heldOutRowsPerLabel: 12,
} as const;

/** The demo's data; `seed` (a 32-bit integer) decides every byte of it. */
export function demoData(seed: number, sizes: Readonly<Record<keyof typeof DEMO_SIZES, number>> = DEMO_SIZES): DemoData {
  const general = [generalEnglish, generalChinese];
  const finance = [financeEnglish, financeChinese];
  return {
    generalText: seededRandom(seed).shuffle([
      ...documentsOf(general, "train", seed, sizes.generalCharacters),
      ...documentsOf(finance, "train", seed + 1, sizes.newsCharacters),
    ]),
    generalHeldOut: documentsOf(general, "heldOut", seed, sizes.heldOutCharacters),
    financeText: documentsOf(finance, "train", seed, sizes.financeCharacters),
    replayText: documentsOf(general, "train", seed + 1, sizes.replayCharacters),
    practiceDialogues: practiceOf([...general, ...finance], seed, sizes.practiceRows),
    financeHeldOut: documentsOf(finance, "heldOut", seed, sizes.heldOutCharacters),
    serviceDialogues: dialoguesOf(customerService, "train", seed, sizes.trainingRowsPerLabel),
    serviceHeldOut: dialoguesOf(customerService, "heldOut", seed, sizes.heldOutRowsPerLabel),
    inspectionDialogues: dialoguesOf(callInspection, "train", seed, sizes.trainingRowsPerLabel),
    inspectionHeldOut: dialoguesOf(callInspection, "heldOut", seed, sizes.heldOutRowsPerLabel),
  };
}
