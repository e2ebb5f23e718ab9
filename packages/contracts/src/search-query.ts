import { ModelRef, VersionRef } from "./primitives.js";
import type { Violation } from "./problem.js";
import { SCENARIOS, TIERS, VERSION_STATES } from "./vocabulary.js";

/** Measures that `metric:` can be asked about. */
export const SEARCH_METRICS = ["perplexity", "exact_match"] as const;
export type SearchMetric = (typeof SEARCH_METRICS)[number];

/** What may be written after a term's colon, as its refusal and the help say it. */
export const SEARCH_TERMS = {
  tier: { takes: TIERS.join(", "), example: "tier:finance" },
  state: { takes: VERSION_STATES.join(", "), example: "state:released" },
  task: { takes: SCENARIOS.join(", "), example: "task:collections" },
  licence: { takes: "part of a licence's name", example: "licence:apache" },
  tag: { takes: "a tag", example: "tag:retail" },
  institution: { takes: "an institution's short name", example: "institution:northbank" },
  alias: { takes: "the name of an alias", example: "alias:champion" },
  metric: { takes: `${SEARCH_METRICS.join(" or ")} with <, <=, =, >=, > and a number, or =low..high`, example: "metric:perplexity<5.1" },
  on: { takes: "namespace/slug or namespace/slug@number", example: "on:foundation/atlas@3" },
} as const;
export type SearchField = keyof typeof SEARCH_TERMS;
export const SEARCH_FIELDS = Object.keys(SEARCH_TERMS).filter(isField);

/** Bounds of a measured value; a bound that is not inclusive is beyond the value itself. */
export interface MetricRange {
  readonly metric: SearchMetric;
  readonly operator: "<" | "<=" | "=" | ">=" | ">" | "..";
  readonly value: number;
  /** Upper end of `low..high`. */
  readonly end: number | null;
}

/** One `field:value` of a query, with the text it was written as. */
export type SearchTerm = { readonly text: string } & (
  | { readonly field: "tier" | "state" | "task"; readonly values: readonly string[] }
  | { readonly field: "licence" | "tag" | "institution" | "alias" | "on"; readonly value: string }
  | { readonly field: "metric"; readonly range: MetricRange }
);

export interface ParsedSearch {
  /** Words and quoted phrases; everything found holds all of them. */
  readonly words: readonly string[];
  readonly terms: readonly SearchTerm[];
  /** All that was understood, in its order, as it was written. */
  readonly parts: readonly { readonly text: string; readonly field: SearchField | null }[];
  readonly violations: readonly Violation[];
}

const MOST_PARTS = 16;
const LISTS: Readonly<Record<"tier" | "state" | "task", readonly string[]>> = { tier: TIERS, state: VERSION_STATES, task: SCENARIOS };

/** Reads a query: free words, "quoted phrases" and `field:value` terms, in any width and with any quotation marks. */
export function parseSearch(query: string): ParsedSearch {
  const given = partsOf(query);
  const parts: { text: string; field: SearchField | null }[] = [];
  const words: string[] = [];
  const terms: SearchTerm[] = [];
  const violations: Violation[] = [];
  for (const { text, field, value } of given) {
    if (field === null) {
      if (!/[\p{L}\p{N}]/u.test(value)) continue;
      words.push(value);
      parts.push({ text, field });
      continue;
    }
    const read = isField(field) ? readTerm(field, value, text) : unknownTerm(field);
    if ("code" in read) violations.push(read);
    else {
      terms.push(read);
      parts.push({ text, field: read.field });
    }
  }
  if (given.length > MOST_PARTS) {
    violations.push({ code: "search_too_long", detail: `${given.length} words and terms; ask with at most ${MOST_PARTS}` });
  }
  if (words.length + terms.length + violations.length === 0) {
    violations.push({ code: "search_empty", detail: "nothing to search for; give at least one word or term" });
  }
  return { words, terms, parts, violations };
}

interface Part {
  readonly text: string;
  readonly field: string | null;
  readonly value: string;
}

/** A field's name is Latin letters before a colon; a quotation that is not closed goes to the end. */
function partsOf(query: string): Part[] {
  const even = query
    .normalize("NFKC")
    .replace(/[“”„«»「」『』]/g, '"')
    .replace(/≤/g, "<=")
    .replace(/≥/g, ">=");
  return [...even.matchAll(/([A-Za-z_]+):(?=\s|$)|(?:([A-Za-z_]+):)?(?:"([^"]*)(?:"|$)|([^\s"]+))/g)].map(
    ([text, empty, field, quoted, bare]) => ({
      text: text.trim(),
      field: (field ?? empty)?.toLowerCase() ?? null,
      value: (quoted ?? bare ?? "").trim(),
    }),
  );
}

function isField(name: string): name is SearchField {
  return Object.hasOwn(SEARCH_TERMS, name);
}

function unknownTerm(field: string): Violation {
  const known = Object.keys(SEARCH_TERMS).join(", ");
  return {
    code: "search_term_unknown",
    detail: `${field}: is not a term; known are ${known}. Put it in quotation marks to look for the words`,
  };
}

function badValue(field: SearchField, text: string): Violation {
  const { takes, example } = SEARCH_TERMS[field];
  return { code: "search_term_value", detail: `${text} is not understood: ${field}: takes ${takes}, as in ${example}` };
}

function readTerm(field: SearchField, value: string, text: string): SearchTerm | Violation {
  if (value === "") return badValue(field, text);
  switch (field) {
    case "tier":
    case "state":
    case "task": {
      const values = value.toLowerCase().split(",");
      return values.every((one) => LISTS[field].includes(one)) ? { field, values, text } : badValue(field, text);
    }
    case "on": {
      const ref = value.toLowerCase();
      return ModelRef.safeParse(ref).success || VersionRef.safeParse(ref).success ? { field, value: ref, text } : badValue(field, text);
    }
    case "metric": {
      const range = readRange(value);
      return range === null ? badValue(field, text) : { field, range, text };
    }
    case "licence":
    case "tag":
    case "institution":
    case "alias":
      return { field, value: value.toLowerCase(), text };
  }
}

const NUMBER = String.raw`-?\d+(?:\.\d+)?(?:e[-+]?\d+)?`;
const RANGE = new RegExp(`^([a-z_]+)(<=|>=|<|>|=)(${NUMBER})(?:\\.\\.(${NUMBER}))?$`, "i");

function readRange(value: string): MetricRange | null {
  const [, name = "", operator = "", low = "", high] = RANGE.exec(value) ?? [];
  const metric = SEARCH_METRICS.find((known) => known === name.toLowerCase());
  if (metric === undefined || (high !== undefined && operator !== "=")) return null;
  const [start, end] = [Number(low), high === undefined ? null : Number(high)];
  if (!Number.isFinite(start) || (end !== null && !(Number.isFinite(end) && end >= start))) return null;
  if (end !== null) return { metric, operator: "..", value: start, end };
  const known = (["<", "<=", "=", ">=", ">"] as const).find((one) => one === operator);
  return known === undefined ? null : { metric, operator: known, value: start, end };
}
