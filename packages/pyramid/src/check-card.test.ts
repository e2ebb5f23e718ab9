import { CARD_FIELDS, Card } from "@ziggurat/contracts";
import { expect, it } from "vitest";
import { cardCompleteness, cardGaps, refuseGaps } from "./check-card.js";
import { testPolicy } from "./test-policy.js";

const everything = { card: [...CARD_FIELDS, "licence"] as const };
const bare = { card: Card.parse({}), licence: null };

it("asks for what the tier lists, in its order, and takes blanks for nothing", () => {
  const card = Card.parse({ purpose: "alerts", limits: " \n", languages: ["  "] });
  expect(cardGaps(testPolicy, { card, licence: null })).toEqual(["limits", "contact"]);
  expect(cardGaps(everything, { card, licence: " " })).toEqual(CARD_FIELDS.slice(1).concat("licence" as never));
});

it("counts the share of what is asked for, and nothing that is not", () => {
  const card = Card.parse({ purpose: "alerts", supplier: "nobody asked", filing: "2026-1" });
  expect([cardCompleteness(testPolicy, { card, licence: "MIT" }), cardCompleteness({ card: [] }, bare)]).toEqual([0.33, 1]);
});

it("points to each gap where it is filled in", () => {
  expect(refuseGaps(cardGaps(everything, bare)).map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
    ...CARD_FIELDS.map((field) => `card_incomplete /card/${field}`),
    "card_incomplete /licence",
  ]);
});
