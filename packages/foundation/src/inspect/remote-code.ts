import type { RemoteCode } from "@ziggurat/contracts";
import { type CheckpointSource, nameOf, short } from "./checkpoint-source.js";
import { isObject, type JsonObject } from "./read-json.js";

/** Files that Python imports. */
const IMPORTED = /\.(?:py|pyc|pyd|pyx|so|dll|dylib)$/i;
/** Keys whose values name classes in such files, here or in another repository. */
const POINTERS = ["auto_map", "custom_pipelines"];

/** Files that a loader would import when told to trust them. */
export function codeFiles(source: Pick<CheckpointSource, "files">): RemoteCode[] {
  return source.files
    .filter(({ path }) => IMPORTED.test(path))
    .map(({ path }) => ({ path, detail: `${nameOf(path)} is code that a loader may import` }));
}

/** What a parsed configuration would have a loader import, however deep it says so. */
export function codeNamedIn(path: string, config: JsonObject): RemoteCode[] {
  const found: string[] = [];
  const open: unknown[] = [config];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (Array.isArray(value)) for (const entry of value) open.push(entry ?? "");
    if (!isObject(value)) continue;
    for (const [key, member] of Object.entries(value)) {
      if (POINTERS.includes(key) && namesSomething(member)) found.push(`${key} names ${short(JSON.stringify(member))}`);
      open.push(member ?? "");
    }
  }
  return [...found, ...libraryOf(config)].slice(0, 16).map((detail) => ({ path, detail }));
}

/** An adapter may name a module that its loader imports by name. Only transformers' own are not somebody's code. */
function libraryOf({ auto_mapping: mapping }: JsonObject): string[] {
  const library = isObject(mapping) ? mapping.parent_library : null;
  if (typeof library !== "string" || library === "" || /^transformers(?:\.|$)/.test(library)) return [];
  return [`auto_mapping has ${short(library)} imported`];
}

function namesSomething(value: unknown): boolean {
  if (isObject(value)) return Object.keys(value).length > 0;
  return value !== null && value !== "" && value !== false;
}
