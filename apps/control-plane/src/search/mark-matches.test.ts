import { expect, it } from "vitest";
import { markMatches } from "./mark-matches.js";

/** The matches with their ranges in square brackets. */
function marked(text: string, ...words: string[]): string | undefined {
  const [match] = markMatches([["name", text]], words);
  if (match === undefined) return undefined;
  let [out, at] = ["", 0];
  for (const [start, end] of match.ranges) {
    out += `${match.text.slice(at, start)}[${match.text.slice(start, end)}]`;
    at = end;
  }
  return out + match.text.slice(at);
}

it.each([
  ["Northbank Cards", ["bank"], "North[bank] Cards"],
  ["智能客服模型", ["客服"], "智能[客服]模型"],
  ["贷款", ["贷"], "[贷]款"],
  ["ＡＭＬ alerts", ["aml"], "[ＡＭＬ] alerts"],
  ["licence: Apache-2.0", ["apache 2.0"], "licence: [Apache-2.0]"],
  ["one two one", ["one", "two"], "[one] [two] [one]"],
  ["abcd", ["abc", "bcd"], "[abcd]"],
  ["to go at it", ["a"], "to go [a]t it"],
  ["E\u0301COLE", ["école"], "[E\u0301COLE]"],
  ["👩‍💻 growth 📈", ["growth"], "👩‍💻 [growth] 📈"],
  ["<b>bold</b>", ["bold"], "<b>[bold]</b>"],
])("marks where words stand in %j", (text, words, expected) => {
  expect(marked(text, ...words)).toBe(expected);
});

it("marks nothing where nothing stands", () => {
  expect(markMatches([["name", "cards"]], ["…", "loans"])).toEqual([]);
});

it("cuts a long text around its first match, between letters, and moves the ranges along", () => {
  const cut = marked(`${"📈".repeat(100)}客服${"。".repeat(300)}`, "客服") ?? "";
  expect(cut).toMatch(/^…(📈)+\[客服\]。+…$/u);
  expect(cut.length).toBeLessThan(180);
});

it("names every field that has a word, in the order of the fields", () => {
  const fields = [
    ["ref", "finance/ledger"],
    ["name", "Ledger"],
    ["card.limits", "no advice"],
    ["card.purpose", "a ledger"],
  ] as const;
  expect(markMatches(fields, ["ledger"]).map(({ field }) => field)).toEqual(["ref", "name", "card.purpose"]);
});
