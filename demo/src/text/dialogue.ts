import type { Language, Split } from "./corpus.js";
import { hash32, normaliseText } from "./normalise.js";
import { type Random, seededRandom } from "./random.js";
import { fillTemplate, type Lexicon } from "./template.js";

/** How people say one thing, and then say it again in other words: the words that give it away, and the sentences around them, apart for each split. */
export interface LabelTalk {
  /** What the assistant must answer, exactly. */
  readonly label: string;
  /** Words shared by both splits; they carry the meaning. */
  readonly lexicon: Lexicon;
  /** Sentences around the words. No sentence stands in both splits. */
  readonly train: readonly string[];
  readonly heldOut: readonly string[];
}

/** One scenario in one language. */
export interface Talk {
  readonly language: Language;
  readonly system: string;
  /** Words any label may use: times, amounts, people. */
  readonly lexicon: Lexicon;
  /** What is said before and after the point, apart for each split; an empty one means nothing is said. */
  readonly openers: Readonly<Record<Split, readonly string[]>>;
  readonly closers: Readonly<Record<Split, readonly string[]>>;
  /** Training only: frames that fit any label, so that words and not frames tell labels apart. */
  readonly plain: readonly string[];
  readonly labels: readonly LabelTalk[];
}

export interface DialogueScenario {
  readonly id: string;
  readonly talks: readonly Talk[];
}

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** One row of a chat dataset: OpenAI chat form, with what the row is about beside it. */
export interface ChatRow {
  readonly messages: readonly ChatMessage[];
  readonly metadata: {
    readonly label: string;
    readonly lang: Language;
    readonly scenario: string;
    /** Which opener, sentences and closer the row is built from. */
    readonly template: string;
  };
}

const TRIES_PER_ROW = 2000;

/**
 * Balanced rows of one split: `rowsPerLabel` for each label in each language, all with different user text, in seeded order.
 * Throws when a label cannot say that many different things.
 */
export function dialoguesOf(scenario: DialogueScenario, split: Split, seed: number, rowsPerLabel: number): ChatRow[] {
  const random = seededRandom(hash32(`${scenario.id}:${split}:${seed}`));
  const rows = scenario.talks.flatMap((talk) =>
    talk.labels.flatMap((label) => rowsOfLabel(scenario.id, talk, label, split, random, rowsPerLabel)),
  );
  return random.shuffle(rows);
}

function rowsOfLabel(scenario: string, talk: Talk, label: LabelTalk, split: Split, random: Random, count: number): ChatRow[] {
  const rows: ChatRow[] = [];
  const said = new Set<string>();
  const lexicon = { ...talk.lexicon, ...label.lexicon };
  const sentences = { train: [...label.train, ...talk.plain], heldOut: label.heldOut };
  for (let attempt = 0; rows.length < count; attempt += 1) {
    if (attempt > TRIES_PER_ROW) throw new RangeError(`${label.label} in ${talk.language} has fewer than ${count} different texts`);
    const [point = "", again = ""] = random.shuffle(sentences[split]);
    const parts = [random.pick(talk.openers[split]), point, again, random.pick(talk.closers[split])];
    const bound = new Map<string, string>();
    const user = parts
      .filter((part) => part !== "")
      .map((part) => fillTemplate(part, lexicon, random, bound))
      .join(talk.language === "en" ? " " : "");
    const key = normaliseText(user);
    if (said.has(key)) continue;
    said.add(key);
    rows.push({
      messages: [
        { role: "system", content: talk.system },
        { role: "user", content: user },
        { role: "assistant", content: label.label },
      ],
      metadata: {
        label: label.label,
        lang: talk.language,
        scenario,
        template: `${talk.language}:${label.label}:${parts.join("|")}`,
      },
    });
  }
  return rows;
}
