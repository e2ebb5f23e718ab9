/** Small texts with enough regularity that a tiny model learns them in seconds. */
const towns = ["Arden", "Belford", "Corin", "Dale", "Elmsworth", "Farrow"];
const skies = ["clear", "grey", "windy", "warm", "wet"];
const papers = ["bond", "share", "loan", "swap", "deposit"];
const moves = ["rose", "fell", "held", "settled"];

/** Everyday rows; `from` keeps training and held-out rows apart. */
export const generalRows = (from: number, count: number) =>
  rows(from, count, (n) => `The sky over ${pick(towns, n)} is ${pick(skies, n * 3 + 1)} today and market day ${n} begins.`);

export const financeRows = (from: number, count: number) =>
  rows(from, count, (n) => `The ${pick(papers, n)} priced at ${n} ${pick(moves, n * 3 + 2)} after the auction closed at par.`);

const LABELS = { card: "card_arrival", fee: "fee_dispute" } as const;

/** Two intents whose key word stands in every question; questions differ by number and frame. */
export const intentRows = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => {
    const n = from + index;
    const [word, label] = pick(Object.entries(LABELS), n);
    return JSON.stringify({
      messages: [
        { role: "user", content: `Question ${n}: what about my ${word}?` },
        { role: "assistant", content: label },
      ],
    });
  }).join("\n");

const rows = (from: number, count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, index) => JSON.stringify({ text: text(from + index) })).join("\n");

function pick<T>(values: readonly T[], n: number): T {
  const value = values[n % values.length];
  if (value === undefined) throw new Error("nothing to pick from");
  return value;
}
