import { type CheckpointFile, type CheckpointSource, type Reading, read, short, unreadable } from "./checkpoint-source.js";

/** A JSON object, whose members nobody has checked yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads a JSON object from a file that is not larger than `most` bytes. */
export async function readJsonFile(source: CheckpointSource, file: CheckpointFile, most: number): Promise<Reading<JsonObject>> {
  if (file.sizeBytes > most) return unreadable(`has ${file.sizeBytes} bytes; ${most} are read at most`);
  return parseObject(source.decode(await source.read(file.path, 0, file.sizeBytes)));
}

/** A JSON object in which every key stands once: readers disagree on which of two values counts. */
export function parseObject(text: string | null): Reading<JsonObject> {
  const value = parse(text);
  if (text === null || !isObject(value)) return unreadable("is not a JSON object");
  const twice = duplicateKey(text);
  return twice === null ? read(value) : unreadable(`has the key ${short(twice)} twice in one object`);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Texts in a list, or the one text that stands for a list of one. */
export function texts(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((entry) => typeof entry === "string");
}

function parse(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** The first key that an object has twice. The text has been parsed before, so it is sound. */
function duplicateKey(json: string): string | null {
  const scopes: (Set<string> | null)[] = [];
  let awaitsKey = false;
  for (let at = 0; at < json.length; at += 1) {
    switch (json[at]) {
      case "{":
        scopes.push(new Set());
        awaitsKey = true;
        break;
      case "[":
        scopes.push(null);
        awaitsKey = false;
        break;
      case "}":
      case "]":
        scopes.pop();
        awaitsKey = false;
        break;
      case ",":
        awaitsKey = scopes.at(-1) instanceof Set;
        break;
      case '"': {
        const end = closingQuote(json, at);
        if (awaitsKey) {
          const key = String(JSON.parse(json.slice(at, end + 1)));
          if (scopes.at(-1)?.has(key)) return key;
          scopes.at(-1)?.add(key);
        }
        awaitsKey = false;
        at = end;
        break;
      }
    }
  }
  return null;
}

function closingQuote(json: string, opening: number): number {
  for (let at = json.indexOf('"', opening + 1); at > 0; at = json.indexOf('"', at + 1)) {
    let slashes = 0;
    while (json[at - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return json.length;
}
