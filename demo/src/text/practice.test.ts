import { expect, it } from "vitest";
import { demoData } from "./demo-data.js";
import { normaliseText, sentencesOf } from "./normalise.js";

const data = demoData(20, {
  generalCharacters: 2_000,
  newsCharacters: 2_000,
  financeCharacters: 2_000,
  replayCharacters: 2_000,
  practiceRows: 2_000,
  heldOutCharacters: 30_000,
  trainingRowsPerLabel: 20,
  heldOutRowsPerLabel: 12,
});

it("practice gives away no task: neither its labels nor anything said in task dialogues", () => {
  const tasks = [...data.serviceDialogues, ...data.serviceHeldOut, ...data.inspectionDialogues, ...data.inspectionHeldOut];
  const labels = new Set(tasks.map((row) => row.metadata.label));
  const said = new Set(tasks.map((row) => normaliseText(row.messages[1]?.content ?? "")));
  expect(data.practiceDialogues.filter((row) => labels.has(row.metadata.label))).toEqual([]);
  expect(data.practiceDialogues.filter((row) => said.has(normaliseText(row.messages[1]?.content ?? "")))).toEqual([]);
});

it("practice quotes no held-out sentence", () => {
  const sentences = (texts: readonly string[]) => texts.flatMap((text) => sentencesOf(text).map(normaliseText));
  const quoted = new Set(sentences(data.practiceDialogues.map((row) => row.messages[1]?.content ?? "")));
  const heldOut = sentences([...data.generalHeldOut, ...data.financeHeldOut].map((row) => row.text));
  expect(heldOut.length).toBeGreaterThan(600);
  expect(heldOut.filter((sentence) => quoted.has(sentence))).toEqual([]);
});
