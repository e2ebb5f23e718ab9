import type { Card, CardField, Violation } from "@ziggurat/contracts";
import type { TierPolicy } from "./tier-policy.js";

/** A field of the card, or the licence that stands beside it. */
export type CardItem = CardField | "licence";
/** A model as its card describes it. */
export interface CardClaim {
  readonly card: Card;
  readonly licence: string | null;
}

/** What the tier asks of a card and it does not say, in the order of the tier's list. Blanks say nothing. */
export function cardGaps({ card: asked }: Pick<TierPolicy, "card">, claim: CardClaim): CardItem[] {
  return asked.filter((item) => !says(item === "licence" ? claim.licence : claim.card[item]));
}

/** Share of what the tier asks for that the card says, 0 to 1, to the hundredth. */
export function cardCompleteness(policy: Pick<TierPolicy, "card">, claim: CardClaim): number {
  const asked = policy.card.length;
  return asked === 0 ? 1 : Math.round((1 - cardGaps(policy, claim).length / asked) * 100) / 100;
}

/** The gaps as what stands against a submission. `domain/features.md` 5. */
export function refuseGaps(gaps: readonly CardItem[]): Violation[] {
  return gaps.map((item) => ({
    code: "card_incomplete",
    detail: `the model's card does not say its ${WORDS[item]}; fill it in, then submit again`,
    pointer: item === "licence" ? "/licence" : `/card/${item}`,
  }));
}

const WORDS: Record<CardItem, string> = {
  purpose: "intended use",
  limits: "limits",
  trainingData: "training data",
  contact: "contact",
  languages: "languages",
  supplier: "supplier",
  source: "source",
  filing: "regulatory filing",
  licence: "licence",
};

function says(value: string | readonly string[] | null): boolean {
  if (typeof value === "string") return value.trim() !== "";
  return (value ?? []).some((part) => part.trim() !== "");
}
