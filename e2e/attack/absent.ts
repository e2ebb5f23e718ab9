import type { Kind } from "./kinds.js";

/** A value of the neighbour's, and one of the same length and shape that nobody has. */
export interface Pair {
  /** How the two differ, for the report. */
  readonly label: string;
  readonly theirs: string;
  readonly absent: string;
}

/**
 * What is tried in the place of one of the neighbour's values. A reference of several parts is changed in one part at a time: under an
 * institution that is there and one that is not, with a number that is there and one that is not.
 * @param isKnown whether somebody has this value
 * @param ownNamespace the attacker's own, for the neighbour's name in the attacker's own namespace
 */
export function pairsOf(kind: Kind, theirs: string, isKnown: (value: string) => boolean, ownNamespace: string): Pair[] {
  const unknown = (text: string, part: (text: string) => string) => untilUnknown(text, part, isKnown);
  switch (kind) {
    case "model":
    case "dataset":
    case "version":
    case "datasetVersion": {
      const [, namespace = "", slug = "", number] = /^([^/]*)\/([^@]*)(?:@(\d+))?$/.exec(theirs) ?? [];
      const ref = (ns: string, name: string, n = number) => `${ns}/${name}${n === undefined ? "" : `@${n}`}`;
      const pairs = [
        { label: "absent name", theirs, absent: unknown(theirs, (text) => text.replace(/\/[^@]*/, (part) => turned(part))) },
        { label: "absent namespace", theirs, absent: ref(turned(namespace), slug) },
        {
          label: "name in the own namespace",
          theirs: ref(ownNamespace, slug),
          absent: unknown(ref(ownNamespace, slug), (text) => text.replace(/\/[^@]*/, (part) => turned(part))),
        },
      ];
      if (number === undefined) return pairs;
      return [...pairs, { label: "absent number", theirs, absent: unknown(theirs, (text) => text.replace(/\d+$/, turnedDigits)) }];
    }
    case "digest":
      return [{ label: "absent digest", theirs, absent: unknown(theirs, turnedHex) }];
    case "cursor":
      return [{ label: "forged cursor", theirs, absent: theirs.replace(/\.(.*)$/, (part) => turned(part)) }];
    case "event":
      return [{ label: "absent number", theirs, absent: turnedDigits(theirs) }];
    case "email":
      return [{ label: "absent person", theirs, absent: unknown(theirs, (text) => text.replace(/^[^@]*/, turned)) }];
    case "filter":
      return [{ label: "absent value", theirs, absent: theirs.replace(/"[^"]*"/, turned) }];
    default:
      if (kind.startsWith("id:"))
        return [{ label: "absent id", theirs, absent: unknown(theirs, (text) => text.replace(/_.*$/, (part) => turnedHex(part))) }];
      return [{ label: "absent name", theirs, absent: unknown(theirs, turned) }];
  }
}

/** Every letter is the next one, so that the length, the hyphens and the digits stay. */
export function turned(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => {
    const last = letter === "z" || letter === "Z";
    return last ? String.fromCharCode(letter.charCodeAt(0) - 25) : String.fromCharCode(letter.charCodeAt(0) + 1);
  });
}

/** Every second hex digit is the next one. */
export function turnedHex(text: string): string {
  return text.replace(/[0-9a-f]([0-9a-f])/g, (two) => `${two[0]}${((Number.parseInt(two[1] ?? "0", 16) + 1) % 16).toString(16)}`);
}

/** A number of as many digits. */
export function turnedDigits(text: string): string {
  return text.replace(/\d/g, (digit) => String((Number(digit) % 9) + 1));
}

function untilUnknown(text: string, turn: (text: string) => string, isKnown: (value: string) => boolean): string {
  let value = turn(text);
  for (let turns = 0; isKnown(value); turns += 1) {
    if (turns > 30) throw new Error(`there is no value like ${text} that nobody has`);
    value = turn(value);
  }
  return value;
}
