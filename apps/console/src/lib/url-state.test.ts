import { expect, it } from "vitest";
import { z } from "zod";
import { parseSearch, readUrl, stringifySearch } from "./url-state.js";

const Schema = z.object({
  tier: z.enum(["foundation", "finance"]).optional(),
  line: z.coerce.number().int().optional(),
  q: z.string().optional(),
});

it("drops a value that is not allowed, names it, and keeps the others", () => {
  expect(readUrl(Schema, { tier: "roof", line: "12", q: "atlas", other: "kept by others" })).toEqual({
    values: { line: 12, q: "atlas" },
    rejected: ["tier"],
  });
});

it("writes an address it can read again, whatever the text", () => {
  const search = { q: "a&b=c \u4e2d\u6587 <img>", tier: "finance", empty: "", gone: undefined };
  expect(parseSearch(stringifySearch(search))).toEqual({ q: "a&b=c \u4e2d\u6587 <img>", tier: "finance" });
  expect(stringifySearch({ empty: "" })).toBe("");
});
