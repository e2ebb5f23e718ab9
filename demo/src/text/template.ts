import type { Random } from "./random.js";

/** Words by the name of the slot they fill. A word may hold slots of its own. */
export type Lexicon = Readonly<Record<string, readonly string[]>>;

const SLOT = /\{(@?)(?:([a-zA-Z]+)|(\d+)-(\d+))\}/g;
const DEPTH_LIMIT = 6;

/**
 * Fills every slot of a template: `{food}` takes a fresh word, `{@name}` the word this document already uses for that slot,
 * `{2-9}` a whole number from 2 to 9. `bound` is the memory of the document and is written to.
 * Throws on a slot the lexicon does not know, because a corpus with holes would be trained on silently.
 */
export function fillTemplate(template: string, lexicon: Lexicon, random: Random, bound: Map<string, string>): string {
  return fill(template, lexicon, random, bound, 0);
}

/** Names of the word slots in a template, for tests that look for unknown ones. */
export function slotsOf(template: string): string[] {
  return [...template.matchAll(SLOT)].flatMap((match) => (match[2] === undefined ? [] : [match[2]]));
}

/** The template with every slot emptied: what two texts share when only their words differ. */
export function frameOf(template: string): string {
  return template.replace(SLOT, "{}");
}

function fill(template: string, lexicon: Lexicon, random: Random, bound: Map<string, string>, depth: number): string {
  if (depth > DEPTH_LIMIT) throw new RangeError(`slots of "${template}" never end`);
  return template.replace(SLOT, (_whole, sticky: string, name: string | undefined, low: string, high: string) => {
    if (name === undefined) return String(random.int(Number(low), Number(high)));
    const known = sticky === "@" ? bound.get(name) : undefined;
    if (known !== undefined) return known;
    const words = lexicon[name];
    if (words === undefined) throw new RangeError(`no words for the slot {${name}}`);
    const value = fill(random.pick(words), lexicon, random, bound, depth + 1);
    if (sticky === "@") bound.set(name, value);
    return value;
  });
}
