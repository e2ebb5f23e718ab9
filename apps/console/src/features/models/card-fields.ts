import type { Card, CardField, Tier } from "@ziggurat/contracts";

const FIELDS: readonly { readonly field: CardField; readonly isLong: boolean; readonly tiers?: readonly Tier[] }[] = [
  { field: "purpose", isLong: true },
  { field: "limits", isLong: true },
  { field: "trainingData", isLong: true },
  { field: "contact", isLong: false },
  { field: "languages", isLong: false },
  // Only what comes from outside has a maker and a place it was taken from.
  { field: "supplier", isLong: false, tiers: ["foundation"] },
  { field: "source", isLong: false, tiers: ["foundation"] },
  { field: "filing", isLong: false, tiers: ["foundation"] },
];

/** The fields that people fill in for a model of this tier, in order. */
export function cardFieldsOf(tier: Tier): typeof FIELDS {
  return FIELDS.filter(({ tiers }) => tiers === undefined || tiers.includes(tier));
}

/** A card as text of a form's inputs. */
export type CardTexts = Record<CardField, string>;

export function cardTexts(card: Card): CardTexts {
  return { ...card, languages: card.languages.join(", ") };
}

/** The card that a form's inputs stand for. */
export function cardOf({ purpose, limits, trainingData, contact, languages, supplier, source, filing }: CardTexts): Card {
  return { purpose, limits, trainingData, contact, languages: listOf(languages), supplier, source, filing };
}

/** Words separated by commas or spaces, of either script. */
export function listOf(text: string): string[] {
  return text.split(/[\s,\u3001\uff0c]+/).filter((part) => part !== "");
}
