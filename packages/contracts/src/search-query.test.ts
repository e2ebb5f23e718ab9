import { describe, expect, it } from "vitest";
import { parseSearch, SEARCH_FIELDS, SEARCH_TERMS, Tag } from "./index.js";

const codes = (query: string) => parseSearch(query).violations.map(({ code }) => code);

describe("a search query", () => {
  it("is words and quoted phrases, all of which must be found", () => {
    expect(parseSearch('cards "anti money laundering" 客服').words).toEqual(["cards", "anti money laundering", "客服"]);
  });

  it("means the same in full width and with Chinese quotation marks", () => {
    expect(parseSearch("ｔｉｅｒ：ｆｉｎａｎｃｅ　“智能 客服”")).toMatchObject({
      words: ["智能 客服"],
      terms: [{ field: "tier", values: ["finance"] }],
      violations: [],
    });
  });

  it.each(SEARCH_FIELDS.map((field) => SEARCH_TERMS[field].example))("reads the example of the help: %s", (example) => {
    const { terms, words, violations } = parseSearch(example);
    expect([words, violations, terms.map(({ text }) => text)]).toEqual([[], [], [example]]);
  });

  it.each([
    ["metric:perplexity<5.1", { metric: "perplexity", operator: "<", value: 5.1, end: null }],
    ["metric:perplexity≤5", { metric: "perplexity", operator: "<=", value: 5, end: null }],
    ["metric:exact_match=0.8..0.9", { metric: "exact_match", operator: "..", value: 0.8, end: 0.9 }],
    ["metric:Perplexity＞1e1", { metric: "perplexity", operator: ">", value: 10, end: null }],
  ])("reads the range of a measure: %s", (text, range) => {
    expect(parseSearch(text).terms).toMatchObject([{ field: "metric", range }]);
  });

  it("keeps a colon inside quotation marks, and whatever stands after one that is not closed", () => {
    expect(parseSearch('"tier:finance" "open to the end')).toMatchObject({ words: ["tier:finance", "open to the end"], terms: [] });
  });

  it("says each part back as it was written, in its order", () => {
    expect(parseSearch('tier:finance "two words" tag:"customer care"').parts).toEqual([
      { text: "tier:finance", field: "tier" },
      { text: '"two words"', field: null },
      { text: 'tag:"customer care"', field: "tag" },
    ]);
  });

  it.each([
    ["colour:red", "search_term_unknown"],
    ["http://x", "search_term_unknown"],
    ["tier:galaxy", "search_term_value"],
    ["tier:finance,galaxy", "search_term_value"],
    ["tier: finance", "search_term_value"],
    ["metric:perplexity", "search_term_value"],
    ["metric:loss<1", "search_term_value"],
    ["metric:perplexity<5..6", "search_term_value"],
    ["metric:perplexity=6..5", "search_term_value"],
    ["metric:perplexity<1e999", "search_term_value"],
    ["on:atlas", "search_term_value"],
    ["on:foundation/atlas@0", "search_term_value"],
    ["…!?", "search_empty"],
    ["a ".repeat(17), "search_too_long"],
  ])("refuses %j", (query, code) => {
    expect(codes(query)).toEqual([code]);
  });

  it("names every bad term with its rule and a remedy, at once", () => {
    const details = parseSearch("tier:galaxy colour:red").violations.map(({ detail }) => detail);
    expect(details[0]).toBe("tier:galaxy is not understood: tier: takes foundation, finance, institution, as in tier:finance");
    expect(details[1]).toContain("colour: is not a term; known are tier, state");
    expect(details[1]).toContain("quotation marks");
  });
});

it.each([
  ["客服", "客服"],
  [" ＡＭＬ ", "aml"],
  ["Crédit 2", "crédit 2"],
])("a tag is any script's word, folded: %j", (given, kept) => {
  expect(Tag.parse(given)).toBe(kept);
});
it.each(["", " ", "-a", "<b>", "a,b", "a:b", "x".repeat(41)])("a tag is not %j", (given) => {
  expect(Tag.safeParse(given).success).toBe(false);
});
