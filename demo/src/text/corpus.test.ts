import { describe, expect, it } from "vitest";
import { documentsOf, type Grammar, splitOf } from "./corpus.js";
import { financeEnglish } from "./finance-en.js";
import { financeChinese } from "./finance-zh.js";
import { generalEnglish } from "./general-en.js";
import { generalChinese } from "./general-zh.js";
import { normaliseText, sentencesOf } from "./normalise.js";
import { slotsOf } from "./template.js";

const general = [generalEnglish, generalChinese];
const finance = [financeEnglish, financeChinese];

const sentencesIn = (grammars: readonly Grammar[], split: "train" | "heldOut", seed: number, characters: number) =>
  documentsOf(grammars, split, seed, characters).flatMap((row) => sentencesOf(row.text).map(normaliseText));

describe("text corpora", () => {
  it.each([
    ["general", general],
    ["finance", finance],
  ])("held-out %s text shares no sentence with training text, whatever the seeds", (_name, grammars) => {
    const trained = new Set([...sentencesIn(grammars, "train", 1, 400_000), ...sentencesIn(grammars, "train", 2, 100_000)]);
    const heldOut = [...sentencesIn(grammars, "heldOut", 1, 20_000), ...sentencesIn(grammars, "heldOut", 3, 20_000)];
    expect(heldOut.length).toBeGreaterThan(400);
    expect(heldOut.filter((sentence) => trained.has(sentence))).toEqual([]);
  });

  it("one seed always writes the same text and another seed writes other text", () => {
    expect(documentsOf(finance, "train", 7, 5_000)).toEqual(documentsOf(finance, "train", 7, 5_000));
    expect(documentsOf(finance, "train", 7, 5_000)).not.toEqual(documentsOf(finance, "train", 8, 5_000));
  });

  it("both languages are written in equal numbers of documents", () => {
    const rows = documentsOf(general, "train", 1, 50_000);
    const chinese = rows.filter((row) => /\p{Script=Han}/u.test(row.text)).length;
    expect(Math.abs(rows.length - 2 * chinese)).toBeLessThanOrEqual(1);
  });

  it("no document is written twice", () => {
    const texts = documentsOf(general, "train", 1, 400_000).map((row) => row.text);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it("every slot of every sentence has words", () => {
    for (const grammar of [...general, ...finance]) {
      const templates = [...grammar.subjects.flatMap((subject) => subject.sentences), ...Object.values(grammar.lexicon).flat()];
      expect(templates.flatMap(slotsOf).filter((slot) => grammar.lexicon[slot] === undefined)).toEqual([]);
    }
  });

  it("a sentence keeps its split when only spacing and punctuation change", () => {
    expect(splitOf("The  sky was grey!")).toBe(splitOf("the sky was grey."));
  });
});
