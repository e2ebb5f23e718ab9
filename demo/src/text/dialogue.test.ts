import { describe, expect, it } from "vitest";
import { DEMO_SIZES } from "./demo-data.js";
import { type ChatRow, dialoguesOf } from "./dialogue.js";
import { normaliseText } from "./normalise.js";
import { callInspection, customerService } from "./scenarios.js";
import { frameOf, slotsOf } from "./template.js";

const userText = (row: ChatRow) => normaliseText(row.messages[1]?.content ?? "");
const countBy = (rows: readonly ChatRow[], key: (row: ChatRow) => string) => {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(key(row), (counts.get(key(row)) ?? 0) + 1);
  return counts;
};

describe.each([customerService, callInspection])("dialogues of $id", (scenario) => {
  const trained = dialoguesOf(scenario, "train", 20, DEMO_SIZES.trainingRowsPerLabel);
  const heldOut = dialoguesOf(scenario, "heldOut", 20, DEMO_SIZES.heldOutRowsPerLabel);

  it("has at least 8 labels in each language and the same ones in training and held-out rows", () => {
    for (const lang of ["en", "zh"]) {
      const labels = (rows: readonly ChatRow[]) =>
        [...new Set(rows.filter((row) => row.metadata.lang === lang).map((row) => row.metadata.label))].sort();
      expect(labels(heldOut).length).toBeGreaterThanOrEqual(8);
      expect(labels(heldOut)).toEqual(labels(trained));
    }
  });

  it("has at least 200 held-out rows, the same number for each label in each language", () => {
    expect(heldOut.length).toBeGreaterThanOrEqual(200);
    const counts = countBy(heldOut, (row) => `${row.metadata.lang}:${row.metadata.label}`);
    expect(new Set(counts.values())).toEqual(new Set([DEMO_SIZES.heldOutRowsPerLabel]));
  });

  it("shares no normalised user text between training and held-out rows, and repeats none", () => {
    const known = new Set(trained.map(userText));
    expect(known.size).toBe(trained.length);
    expect(new Set(heldOut.map(userText)).size).toBe(heldOut.length);
    expect(heldOut.map(userText).filter((text) => known.has(text))).toEqual([]);
  });

  it("shares no sentence template between training and held-out rows, in any label or language", () => {
    const templates = new Set(trained.map((row) => row.metadata.template));
    expect(heldOut.filter((row) => templates.has(row.metadata.template))).toEqual([]);
    for (const talk of scenario.talks) {
      const frames = (split: "train" | "heldOut") =>
        talk.labels.flatMap((label) => label[split].map((text) => normaliseText(frameOf(text))));
      const trainFrames = new Set(frames("train"));
      expect(frames("heldOut").filter((frame) => trainFrames.has(frame))).toEqual([]);
      expect(talk.openers.heldOut.filter((opener) => talk.openers.train.includes(opener))).toEqual([]);
      expect(talk.closers.heldOut.filter((closer) => talk.closers.train.includes(closer))).toEqual([]);
    }
  });

  it("answers every row with exactly its label", () => {
    for (const row of [...trained, ...heldOut]) {
      expect(row.messages.map((message) => message.role)).toEqual(["system", "user", "assistant"]);
      expect(row.messages[2]?.content).toBe(row.metadata.label);
      expect(row.metadata.label).toMatch(/^[a-z]+(_[a-z]+)*$/);
    }
  });

  it("is decided by its seed alone", () => {
    expect(dialoguesOf(scenario, "heldOut", 20, 12)).toEqual(heldOut);
    expect(dialoguesOf(scenario, "heldOut", 21, 12)).not.toEqual(heldOut);
  });

  it("has words for every slot", () => {
    for (const talk of scenario.talks) {
      for (const label of talk.labels) {
        const lexicon = { ...talk.lexicon, ...label.lexicon };
        const parts = [
          ...label.train,
          ...label.heldOut,
          ...talk.openers.train,
          ...talk.closers.train,
          ...talk.openers.heldOut,
          ...talk.closers.heldOut,
        ];
        expect(parts.flatMap(slotsOf).filter((slot) => lexicon[slot] === undefined)).toEqual([]);
      }
    }
  });
});

it("refuses to write more rows than a label has different things to say", () => {
  expect(() => dialoguesOf(customerService, "heldOut", 1, 100_000)).toThrow(/fewer than/);
});
