import { type Filter, parse } from "scim2-parse-filter";
import { ScimRefusal } from "../platform/errors/scim-refusal.js";

const LONGEST = 2000;
const DEEPEST = 20;
const MOST_COMPARISONS = 50;

/**
 * A filter (RFC 7644, section 3.4.2.2) as a tree. What would cost the parser more than it is worth is refused before it begins: it calls
 * itself for each bracket, and looks at each line break within quotes in two ways.
 */
export function parseFilter(text: string): Filter {
  const isReadable = text.length <= LONGEST && !CONTROL.test(text) && !HALF_PAIR.test(text) && depthOf(text) <= DEEPEST;
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

function parsed(text: string): Filter | null {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

/** Brackets open at once, and words `not` beside them, whatever stands within quotes. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.replace(/"(?:[^"\\]|\\.)*"/g, "").matchAll(/[([]|[)\]]|\bnot\b/gi)) {
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
