import { type SearchHit, type SearchKind, versionRef } from "@ziggurat/contracts";
import { markMatches } from "./mark-matches.js";
import type { FoundRow } from "./search.repository.js";

/** A found row as it is answered, with the places where the words stand. */
export function hitOf(kind: SearchKind, row: FoundRow, words: readonly string[]): SearchHit {
  const [namespace = "", slug = ""] = row.key.split("/");
  const ref = kind === "version" ? versionRef(namespace, slug, -row.number) : row.key;
  const texts = [["ref", ref] as const, ...Object.entries(row.fields).flatMap(([field, value]) => textsOf(field, value))];
  return { kind, ref, title: row.title, owner: row.owner, tier: row.tier, state: row.state, matches: markMatches(texts, words) };
}

/** Every text inside a value with its path: `card.limits`. Items of a list stand together under the list's name. */
function textsOf(path: string, value: unknown): (readonly [string, string])[] {
  if (typeof value === "string") return [[path, value]];
  if (Array.isArray(value)) {
    const texts = value.flatMap((item) => textsOf(path, item));
    return texts.every(([at]) => at === path) && texts.length > 0 ? [[path, texts.map(([, text]) => text).join(", ")]] : texts;
  }
  if (value !== null && typeof value === "object")
    return Object.entries(value).flatMap(([name, inner]) => textsOf(`${path}.${name}`, inner));
  return [];
}
