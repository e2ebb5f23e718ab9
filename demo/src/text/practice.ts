import { type Grammar, type Language, passageAbout } from "./corpus.js";
import type { ChatRow } from "./dialogue.js";
import { hash32 } from "./normalise.js";
import { seededRandom } from "./random.js";

/** What the model is asked to do; several wordings, so that none of them becomes the task. */
const REQUESTS: Readonly<Record<Language, readonly string[]>> = {
  en: ["Name the subject of the text. Answer with one label.", "What is this about? One label.", "Read and sort. Answer with one label."],
  zh: ["说出这段话的主题，只回答一个标签。", "这是关于什么的？一个标签。", "阅读并分类，只回答一个标签。"],
};

/**
 * Practice in answering a turn with one label: passages of the corpora, each with its subject as the answer.
 * Task labels and task dialogues do not occur here, so a base that has practised still knows nothing of a task.
 */
export function practiceOf(grammars: readonly Grammar[], seed: number, count: number): ChatRow[] {
  const random = seededRandom(hash32(`practice:${seed}`));
  const rows: ChatRow[] = [];
  while (rows.length < count) {
    const grammar = random.pick(grammars);
    const subject = random.pick(grammar.subjects);
    const passage = passageAbout(grammar, subject, random);
    if (passage === null) continue;
    const label = subject.id.replaceAll(" ", "_");
    rows.push({
      messages: [
        { role: "system", content: random.pick(REQUESTS[grammar.language]) },
        { role: "user", content: passage },
        { role: "assistant", content: label },
      ],
      metadata: { label, lang: grammar.language, scenario: "practice", template: `${grammar.language}:${label}` },
    });
  }
  return rows;
}
