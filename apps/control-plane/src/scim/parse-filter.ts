import { type Filter, parse } from "scim2-parse-filter";
import { ScimRefusal } from "../platform/errors/scim-refusal.js";

const LONGEST = 2000;
const DEEPEST = 20;
const MOST_COMPARISONS = 50;

/**
 * A filter (RFC 7644, section 3.4.2.2) as a tree. What would cost the parser more than it is worth is refused before it begins: it calls
 * itself for each bracket. Texts within quotes are read here, since the parser takes escapes such as `\u00e9` for themselves.
 */
export function parseFilter(text: string): Filter {
  const isReadable = text.length <= LONGEST && !CONTROL.test(text) && !HALF_PAIR.test(text);
  const filter = isReadable ? parsed(text) : null;
  if (filter === null || comparisonsIn(filter) > MOST_COMPARISONS) throw unreadable();
  return filter;
}

export function unreadable(why = "The filter cannot be read, or is longer or deeper than is answered here."): ScimRefusal {
  return new ScimRefusal("invalid", "invalidFilter", why);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Half of a surrogate pair, which no database keeps. */
const HALF_PAIR = /\p{Surrogate}/u;

const QUOTED = /"(?:[^"\\]|\\.)*"/g;

/** `emails[type eq "work"].value eq "x"`: one value that is both, which the parser would look for in two. */
const BELOW_VALUE = /\[([^[\]]*)\]\.([\w$-]+\s+(?:pr\b|\w{2}\s+[^\s()[\]]+))/gi;

function parsed(text: string): Filter | null {
  try {
    const texts: unknown[] = [];
    const bare = text.replace(QUOTED, (quoted) => `"${texts.push(JSON.parse(quoted)) - 1}"`);
    if (bare.replace(/"\d+"/g, "").includes('"') || depthOf(bare) > DEEPEST) return null;
    return withTexts(parse(bare.replace(BELOW_VALUE, "[($1) and $2]")), texts);
  } catch {
    return null;
  }
}

/** The tree with the texts in the places that were kept for them. */
function withTexts(filter: Filter, texts: readonly unknown[]): Filter {
  switch (filter.op) {
    case "and":
    case "or":
      return { ...filter, filters: filter.filters.map((one) => withTexts(one, texts)) };
    case "not":
      return { ...filter, filter: withTexts(filter.filter, texts) };
    case "[]":
      return { ...filter, valFilter: withTexts(filter.valFilter, texts) };
    case "pr":
      return filter;
    default:
      return typeof filter.compValue === "string" ? { ...filter, compValue: String(texts[Number(filter.compValue)]) } : filter;
  }
}

/** Brackets open at once, and words `not` beside them. */
function depthOf(bare: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of bare.matchAll(/[([]|[)\]]|\bnot\b/gi)) {
    if (token === ")" || token === "]") depth -= 1;
    else depth += 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function comparisonsIn(filter: Filter): number {
  switch (filter.op) {
    case "and":
    case "or":
      return filter.filters.reduce((sum, one) => sum + comparisonsIn(one), 0);
    case "not":
      return comparisonsIn(filter.filter);
    case "[]":
      return 1 + comparisonsIn(filter.valFilter);
    default:
      return 1;
  }
}
