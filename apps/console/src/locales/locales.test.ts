import { AUDIT_ACTIONS } from "@ziggurat/contracts";
import { type ESTree, parseSync } from "vite";
import { expect, it } from "vitest";
import { SOURCES } from "../test/source-files.js";
import en from "./en/index.js";
import zh from "./zh/index.js";

const HAN = /\p{Script=Han}/u;
/** Names of languages stand in their own language everywhere. */
const OWN_NAME = /(?:otherLanguage|languageName)\.(?:en|zh)$/;
/** Names that are the same in both languages. */
const SAME_IN_BOTH = new Set(["Ziggurat", "{{title}} · Ziggurat", "LoRA", "Alpha", "Dropout", "v{{number}}", "{{relation}} ×{{count}}"]);

function texts(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => texts(item, path === "" ? key : `${path}.${key}`));
}
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? "");
const singular = (key: string) => key.replace(/_one$/, "_other");

const english = texts(en);
const chinese = texts(zh);

it("has the same keys in both languages; Chinese has no singular", () => {
  const wanted = [...new Set(english.map(([key]) => singular(key)))].sort();
  expect(chinese.map(([key]) => key).sort()).toEqual(wanted);
});

it("has a singular for every English plural", () => {
  const keys = new Set(english.map(([key]) => key));
  const alone = english.map(([key]) => key).filter((key) => key.endsWith("_other") && !keys.has(key.replace(/_other$/, "_one")));
  expect(alone).toEqual([]);
});

it("uses only placeholders that the other language knows too", () => {
  const known = new Map(english.map(([key, text]) => [key, new Set([...placeholders(text), "count"])]));
  const strange = chinese.filter(([key, text]) => placeholders(text).some((name) => !known.get(key)?.has(name)));
  expect(strange).toEqual([]);
});

it("keeps every value of a sentence in both languages", () => {
  const here = new Map(chinese.map(([key, text]) => [key, new Set(placeholders(text))]));
  const lost = english.filter(
    ([key, text]) =>
      key.endsWith("_other") === false && !key.endsWith("_one") && placeholders(text).some((name) => !here.get(key)?.has(name)),
  );
  expect(lost.map(([key]) => key)).toEqual([]);
});

it("has no Chinese in the English texts and no untranslated English in the Chinese ones", () => {
  expect(english.filter(([key, text]) => HAN.test(text) && !OWN_NAME.test(key))).toEqual([]);
  const untranslated = chinese.filter(
    ([key, text]) =>
      !HAN.test(text) && /[A-Za-z]{2,}/.test(text.replace(/\{\{\w+\}\}/g, "")) && !OWN_NAME.test(key) && !SAME_IN_BOTH.has(text),
  );
  expect(untranslated).toEqual([]);
});

it("has a word for every action of the audit log, and for no other", () => {
  for (const { words } of [en, zh]) expect(Object.keys(words.action).sort()).toEqual([...AUDIT_ACTIONS]);
});

it("keeps the fixed words of the domain", () => {
  expect(zh.words.tierModels).toEqual({ foundation: "基础模型", finance: "金融行业模型", institution: "机构任务模型" });
  expect([zh.models.tab.lineage, zh.models.column.version, zh.models.gates.title, zh.models.tab.evaluations]).toEqual([
    "血缘",
    "版本",
    "门禁",
    "评测",
  ]);
  expect([zh.audit.title, zh.jobs.estimate.approval, zh.models.move.to.recalled]).toEqual(["审计", "审批", "召回"]);
});

it("no Chinese character stands in a source file", () => {
  const found = Object.entries(SOURCES).filter(([path, text]) => !path.startsWith("locales/") && HAN.test(text));
  expect(found.map(([path]) => path)).toEqual([]);
});

const SPOKEN = new Set([
  "label",
  "title",
  "placeholder",
  "description",
  "alt",
  "aria-label",
  "heading",
  "lead",
  "empty",
  "noMatch",
  "word",
  "confirm",
]);

/** Texts a reader would see or hear that a source file writes itself instead of taking them from the locales. */
function hardCoded(path: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const item of node) visit(item);
      return;
    }
    if (!isNode(node)) return;
    if (node.type === "JSXText" && /[A-Za-z]{2,}/.test(node.value)) found.push(`${path}: ${node.value.trim()}`);
    if (node.type === "JSXAttribute" && node.name.type === "JSXIdentifier" && SPOKEN.has(node.name.name)) {
      if (node.value?.type === "Literal" && typeof node.value.value === "string" && /[A-Za-z]{2,}/.test(node.value.value)) {
        found.push(`${path}: ${node.name.name}="${node.value.value}"`);
      }
    }
    for (const item of Object.values(node)) visit(item);
  };
  visit(parseSync(path, text).program);
  return found;
}

function isNode(value: unknown): value is ESTree.JSXText | ESTree.JSXAttribute {
  return typeof value === "object" && value !== null && ("type" in value || "body" in value);
}

it("no source file speaks to the reader in its own words", () => {
  expect(hardCoded("probe.tsx", 'const a = <p title="Hello there">Good morning</p>;')).toHaveLength(2);
  const spoken = Object.entries(SOURCES)
    .filter(([path]) => path.endsWith(".tsx"))
    .flatMap(([path, text]) => hardCoded(path, text));
  // An example of a reference's form, the same in every language.
  expect(spoken).toEqual(['ui/version-picker.tsx: placeholder="finance/ledger@1"']);
});
