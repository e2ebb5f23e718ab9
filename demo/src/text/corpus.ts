import { hash32, normaliseText } from "./normalise.js";
import { type Random, seededRandom } from "./random.js";
import { fillTemplate, type Lexicon } from "./template.js";

export type Language = "en" | "zh";
export type Split = "train" | "heldOut";

/** Sentences about one subject; each ends with its own full stop. */
export interface Subject {
  readonly id: string;
  readonly sentences: readonly string[];
}

/** What a kind of text in one language is made of. */
export interface Grammar {
  readonly language: Language;
  readonly lexicon: Lexicon;
  readonly subjects: readonly Subject[];
}

/** One row of a text dataset. */
export interface TextRow {
  readonly text: string;
}

const HELD_OUT_SHARE = 10;
const TRIES_PER_SENTENCE = 40;

/**
 * Which split a sentence belongs to. The sentence itself decides, so training and held-out text share none,
 * however much of either is generated and with whatever seed.
 */
export function splitOf(sentence: string): Split {
  return hash32(normaliseText(sentence)) % HELD_OUT_SHARE === 0 ? "heldOut" : "train";
}

/**
 * Documents of one split, alternating between the grammars: each about one subject, three to six different sentences
 * with names and places kept throughout.
 * @param characters how much text to write; the last document may pass it.
 */
export function documentsOf(grammars: readonly Grammar[], split: Split, seed: number, characters: number): TextRow[] {
  const random = seededRandom(hash32(`${split}:${seed}`));
  const rows: TextRow[] = [];
  const seen = new Set<string>();
  let written = 0;
  while (written < characters) {
    const grammar = grammars[rows.length % grammars.length];
    if (grammar === undefined) throw new RangeError("a corpus needs a grammar");
    const text = documentOf(grammar, split, random);
    if (text === null || seen.has(text)) continue;
    seen.add(text);
    rows.push({ text });
    written += text.length;
  }
  return rows;
}

function documentOf(grammar: Grammar, split: Split, random: Random): string | null {
  const subject = random.pick(grammar.subjects);
  const bound = new Map<string, string>();
  const wanted = random.int(3, 6);
  const sentences: string[] = [];
  for (const template of random.shuffle(subject.sentences)) {
    if (sentences.length === wanted) break;
    const sentence = sentenceOf(template, grammar, split, random, bound);
    if (sentence !== null) sentences.push(sentence);
  }
  return sentences.length < 2 ? null : sentences.join(grammar.language === "en" ? " " : "");
}

/** One or two training sentences about a subject, as somebody might quote them; null where chance found none. */
export function passageAbout(grammar: Grammar, subject: Subject, random: Random): string | null {
  const bound = new Map<string, string>();
  const templates = random.shuffle(subject.sentences).slice(0, random.int(1, 2));
  const sentences = templates.flatMap((template) => sentenceOf(template, grammar, "train", random, bound) ?? []);
  return sentences.length === 0 ? null : sentences.join(grammar.language === "en" ? " " : "");
}

function sentenceOf(template: string, grammar: Grammar, split: Split, random: Random, bound: Map<string, string>): string | null {
  for (let attempt = 0; attempt < TRIES_PER_SENTENCE; attempt += 1) {
    const trial = new Map(bound);
    const filled = fillTemplate(template, grammar.lexicon, random, trial);
    const sentence = grammar.language === "en" ? asEnglishSentence(filled) : filled;
    if (splitOf(sentence) !== split) continue;
    for (const [slot, word] of trial) bound.set(slot, word);
    return sentence;
  }
  return null;
}

/** A capital at the start, and `an` before a vowel that a slot may have brought. */
function asEnglishSentence(text: string): string {
  const withArticles = text.replace(/\b([Aa]) (?=[aeio]|u[^s])/g, "$1n ");
  return withArticles.charAt(0).toUpperCase() + withArticles.slice(1);
}
