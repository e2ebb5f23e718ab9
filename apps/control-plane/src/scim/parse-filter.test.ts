import { describe, expect, it } from "vitest";
import { parseFilter } from "./parse-filter.js";

const pr = (attrPath: string) => ({ op: "pr", attrPath });

describe("a filter", () => {
  it("binds `not` closest, then `and`, then `or`, and brackets before all", () => {
    const [a, b, c, d] = ["a", "b", "c", "d"].map(pr);
    expect(parseFilter("a pr or b pr and c pr")).toEqual({ op: "or", filters: [a, { op: "and", filters: [b, c] }] });
    expect(parseFilter("a pr and b pr or c pr and d pr")).toEqual({
      op: "or",
      filters: [
        { op: "and", filters: [a, b] },
        { op: "and", filters: [c, d] },
      ],
    });
    expect(parseFilter("(a pr or b pr) and c pr")).toEqual({ op: "and", filters: [{ op: "or", filters: [a, b] }, c] });
    expect(parseFilter("not (a pr) and b pr")).toEqual({ op: "and", filters: [{ op: "not", filter: a }, b] });
    expect(parseFilter("a pr and not (b pr or c pr)")).toEqual({
      op: "and",
      filters: [a, { op: "not", filter: { op: "or", filters: [b, c] } }],
    });
  });

  it("takes operators in any case of letters", () => {
    expect(parseFilter('a EQ "x" And NOT (b Pr)')).toEqual({
      op: "and",
      filters: [
        { op: "eq", attrPath: "a", compValue: "x" },
        { op: "not", filter: pr("b") },
      ],
    });
  });

  it.each([
    ['"a\\\\b"', "a\\b"],
    ['"say \\"x\\""', 'say "x"'],
    ['"caf\\u00e9"', "café"],
    ['"a \\/ b"', "a / b"],
    ['"] or (x pr"', "] or (x pr"],
    ['"0"', "0"],
  ])("reads the text %s as JSON has it", (quoted, text) => {
    expect(parseFilter(`a eq ${quoted}`)).toEqual({ op: "eq", attrPath: "a", compValue: text });
  });

  it("asks for one value that is both, where a name stands behind brackets", () => {
    expect(parseFilter('emails[type eq "work"].value sw "a" and b pr')).toEqual({
      op: "and",
      filters: [
        {
          op: "[]",
          attrPath: "emails",
          valFilter: {
            op: "and",
            filters: [
              { op: "eq", attrPath: "type", compValue: "work" },
              { op: "sw", attrPath: "value", compValue: "a" },
            ],
          },
        },
        pr("b"),
      ],
    });
  });

  it.each(['a eq "x', "a eq 'x'", 'a eq "\\x"', "a eq", "a pr b pr", "(a pr", "a pr)", 'a["x" eq 1]', 'a eq "x" "y"'])(
    "is not %s",
    (text) => {
      expect(() => parseFilter(text)).toThrow(/cannot be read/);
    },
  );
});
