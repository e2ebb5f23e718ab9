import type { CardFacts } from "@ziggurat/contracts";
import { isMap, parseDocument } from "yaml";
import { type CheckpointFile, type CheckpointSource, type Reading, read, short, unreadable } from "./checkpoint-source.js";
import { isObject, texts } from "./read-json.js";

/** Bytes of front matter at most. Long tables of scores have some tens of thousands. */
export const MAX_FRONT_MATTER_BYTES = 256 * 1024;
/** Depth of brackets and of indentation at most. */
const MAX_DEPTH = 200;
/** Names given to parts at most: they serve aliases, which are refused, and many of them cost the parser much. */
const MOST_ANCHORS = 100;
const MOST_ENTRIES = 100;

/** Front matter of a README; null where it has none. Reads no further than front matter may reach. */
export async function readCard(source: CheckpointSource, file: CheckpointFile): Promise<Reading<CardFacts | null>> {
  const bytes = await source.read(file.path, 0, Math.min(file.sizeBytes, MAX_FRONT_MATTER_BYTES));
  // The last character of a part may be cut in two, so the text ends at its last whole line.
  const isWhole = bytes.length === file.sizeBytes;
  const text = source.decode(isWhole ? bytes : bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1));
  if (text === null) return unreadable("is not text in UTF-8");
  const matter = frontMatter(text);
  if (matter !== null) return parseCard(matter);
  return isWhole || !/^\s*---\s*\n/.test(text)
    ? read(null)
    : unreadable(`has front matter that does not end within ${MAX_FRONT_MATTER_BYTES} bytes`);
}

/** The lines between the first two lines of three dashes. */
function frontMatter(text: string): string | null {
  const opening = /^\uFEFF?\s*---[ \t]*\r?\n/.exec(text);
  if (opening === null) return null;
  const rest = text.slice(opening[0].length);
  const closing = /(?:^|\n)---[ \t]*(?:\r?\n|$)/.exec(rest);
  return closing === null ? null : rest.slice(0, closing.index).replaceAll("\r", "");
}

/**
 * Reads front matter as plain texts, lists and maps: no tags, no types, no aliases, so that nothing in it can grow or become
 * something else.
 */
export function parseCard(yaml: string): Reading<CardFacts> {
  if (depthOf(yaml) > MAX_DEPTH) return unreadable(`has front matter nested deeper than ${MAX_DEPTH}`);
  if ((yaml.match(/(?:^|[\s[{,])&\S/g)?.length ?? 0) > MOST_ANCHORS)
    return unreadable(`has front matter with over ${MOST_ANCHORS} anchors`);
  const parsed = parse(yaml);
  if (!parsed.ok) return parsed;
  const card = parsed.value;
  if (card === null || card === "") return read(EMPTY);
  if (!isObject(card)) return unreadable("has front matter that is not a map");
  const list = (value: unknown) => texts(value).slice(0, MOST_ENTRIES).map(short);
  const [licence = null] = list(card.license);
  const [name = null] = list(card.license_name);
  const [relation = null] = list(card.base_model_relation);
  return read({
    baseModels: list(card.base_model),
    relation,
    // `other` stands for a licence that has a name of its own.
    licence: licence === "other" ? (name ?? licence) : licence,
    languages: list(card.language),
    tags: list(card.tags),
    datasets: list(card.datasets),
  });
}

const EMPTY: CardFacts = { baseModels: [], relation: null, licence: null, languages: [], tags: [], datasets: [] };

function parse(yaml: string): Reading<unknown> {
  try {
    // The library compares each key with every other one; here only those that are read must be unique.
    const matter = parseDocument(yaml, { ...PLAIN, uniqueKeys: false });
    const [error] = matter.errors;
    if (error !== undefined) return unreadable(`has front matter that is not YAML: ${short(error.message)}`);
    const keys = isMap(matter.contents) ? matter.contents.items.map(({ key }) => String(key)) : [];
    const twice = keys.find((key, index) => READ.includes(key) && keys.indexOf(key) < index);
    if (twice !== undefined) return unreadable(`has front matter that says ${twice} twice`);
    return read(matter.toJS({ maxAliasCount: 0 }));
  } catch (error) {
    // The library throws for aliases, and for what is too deep for the stack.
    return unreadable(`has front matter that is not read: ${short(error instanceof Error ? error.message : "unreadable")}`);
  }
}

const PLAIN = { schema: "failsafe", resolveKnownTags: false, merge: false, logLevel: "silent", prettyErrors: false } as const;
const READ = ["license", "license_name", "base_model", "base_model_relation", "language", "tags", "datasets"];

/** How deep brackets and dashes nest at most, quoted or not: a bound on the work of parsing, not an exact depth. */
function depthOf(yaml: string): number {
  let [open, deepest] = [0, 0];
  for (const character of yaml) {
    if (character === "[" || character === "{") open += 1;
    else if ((character === "]" || character === "}") && open > 0) open -= 1;
    deepest = Math.max(deepest, open);
  }
  for (const line of yaml.split("\n")) {
    const beginning = /^[ \t]*(?:[-?:][ \t]+)*/.exec(line)?.[0] ?? "";
    deepest = Math.max(deepest, beginning.replace(/[ \t]/g, "").length);
  }
  return deepest;
}
