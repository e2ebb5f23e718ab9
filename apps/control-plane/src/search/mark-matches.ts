import type { SearchMatch } from "@ziggurat/contracts";

/** Fields shown of one result, and how much of a long text. */
const MOST_FIELDS = 4;
const SNIPPET = 160;
const BEFORE = 48;

/** What separates words, as `search_fold` of the database takes it. */
const SEPARATOR = /[^a-z0-9\u{80}-\u{10ffff}]|[\u{80}-\u{bf}\u2000-\u206f\u2190-\u2bff\u3000-\u3004\u3008-\u3020\ufe10-\ufe4f]/u;

/**
 * Where the words stand in the texts of a result: ranges of the original text, whatever its case and width. The database decides what
 * is found; this only shows it, and shows nothing where it cannot.
 */
export function markMatches(fields: readonly (readonly [field: string, text: string])[], words: readonly string[]): SearchMatch[] {
  const wanted = words.map(coreOf).filter((core) => core !== "");
  return fields
    .flatMap(([field, text]) => {
      const ranges = rangesIn(text, wanted);
      return ranges.length === 0 ? [] : [{ field, ...snippetOf(text, ranges) }];
    })
    .slice(0, MOST_FIELDS);
}

/** The word as it is looked for: one or two letters only at a word's beginning. */
function coreOf(word: string): string {
  const core = fold(word).text.trim();
  return /^[a-z0-9]{1,2}$/.test(core) ? ` ${core}` : core;
}

interface Folded {
  readonly text: string;
  /** Start and end in the original of every unit of the text. */
  readonly places: readonly (readonly [start: number, end: number])[];
}

function fold(text: string): Folded {
  let folded = " ";
  const places: [number, number][] = [[0, 0]];
  for (const match of text.matchAll(/\P{M}\p{M}*|\p{M}+/gsu)) {
    const [start, end] = [match.index, match.index + match[0].length];
    for (const unit of match[0].normalize("NFKC").toLowerCase()) {
      const letter = SEPARATOR.test(unit) ? " " : unit;
      if (letter === " " && folded.endsWith(" ")) continue;
      folded += letter;
      for (let n = 0; n < letter.length; n += 1) places.push([start, end]);
    }
  }
  return { text: folded, places };
}

function rangesIn(text: string, wanted: readonly string[]): [number, number][] {
  const { text: folded, places } = fold(text);
  const ranges: [number, number][] = [];
  for (const core of wanted) {
    for (let at = folded.indexOf(core); at >= 0; at = folded.indexOf(core, at + core.length)) {
      const start = places[core.startsWith(" ") ? at + 1 : at]?.[0];
      const end = places[at + core.length - 1]?.[1];
      if (start !== undefined && end !== undefined) ranges.push([start, end]);
    }
  }
  return merged(ranges.sort(([a], [b]) => a - b));
}

function merged(ranges: readonly [number, number][]): [number, number][] {
  const kept: [number, number][] = [];
  for (const [start, end] of ranges) {
    const last = kept.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else kept.push([start, end]);
  }
  return kept;
}

/** The text around its first match, cut between letters, with an ellipsis where something was cut. */
function snippetOf(text: string, ranges: readonly [number, number][]): Pick<SearchMatch, "text" | "ranges"> {
  if (text.length <= SNIPPET) return { text, ranges: [...ranges] };
  const from = whole(text, Math.max(0, Math.min((ranges[0]?.[0] ?? 0) - BEFORE, text.length - SNIPPET)));
  const to = whole(text, Math.min(text.length, from + SNIPPET));
  const [head, tail] = [from > 0 ? "…" : "", to < text.length ? "…" : ""];
  const moved = ranges
    .filter(([start]) => start < to)
    .map(([start, end]): [number, number] => [start - from + head.length, Math.min(end, to) - from + head.length]);
  return { text: head + text.slice(from, to) + tail, ranges: moved };
}

/** Not between the halves of one letter. */
function whole(text: string, at: number): number {
  return /[\udc00-\udfff]/.test(text[at] ?? "") ? at - 1 : at;
}
