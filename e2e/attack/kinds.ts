import type { Schema } from "./open-api.js";

/** What a value in a request names. `plain` and `words` name nothing that a neighbour could own. */
export type Kind =
  | `id:${string}`
  | "institution"
  | "model"
  | "version"
  | "versions"
  | "dataset"
  | "datasetVersion"
  | "newSlug"
  | "alias"
  | "rule"
  | "digest"
  | "file"
  | "email"
  | "tag"
  | "cursor"
  | "text"
  | "event"
  | "filter"
  | "credential"
  | "anything"
  | "words"
  | "plain";

/** Where a value stands: `body` by the last name of its JSON pointer. */
export interface Place {
  readonly in: "path" | "query" | "body";
  readonly name: string;
  readonly path: string;
}

const pattern = (text: string) => text.replace(/\\\//g, "/");
const SLUG = "^[a-z0-9]+(?:-[a-z0-9]+)*$";
const MODEL = "^[a-z0-9]+(?:-[a-z0-9]+)*/[a-z0-9]+(?:-[a-z0-9]+)*$";
const VERSION = "^[a-z0-9]+(?:-[a-z0-9]+)*/[a-z0-9]+(?:-[a-z0-9]+)*@[1-9][0-9]{0,8}$";
const SHORT_NAME = "^[a-z][a-z0-9-]{0,63}$";
/** What an authenticator says of a passkey; its id alone is looked up. */
const BYTES = "^[A-Za-z0-9_-]*$";
/** Months, times of day, currencies and what a price is of name nobody. */
const NOBODY = [
  ...["^20[0-9]{2}-(?:0[1-9]|1[0-2])$", "^[A-Z]{3}$", "^cluster:[a-z0-9][a-z0-9-]{0,62}$"],
  ...["^([01][0-9]|2[0-3]):[0-5][0-9]$", "^[+-](0[0-9]|1[0-4]):[0-5][0-9]$"],
];
const ID = /^\^([a-z]{3})_\[0-9a-f\]\{32\}\$$/;

/** Texts that people read and the platform does not look up. */
const WORDS = new Set(
  `reason notes description name contact filing licence limits purpose source supplier trainingData languages regions region reference
   password currentPassword newPassword code transports expiresAt environment line detail stream key items revision prefix bucket repo exclude
   issuer clientId clientSecret scopes signInUrl certificate groupsClaim group subject userCode confirm waiver gpuType pool`.split(/\s+/),
);
/** Query parameters that are compared with what is stored. */
const TEXT = new Set(["q", "find", "key", "filter[text]", "filter[actor]", "filter[action]", "filter[object]", "filter[subject]"]);

/**
 * What stands at a place, told from its schema and its name.
 * @throws when nothing tells: a new route is then named loudly and not passed over
 */
export function kindOf(schema: Schema, place: Place): Kind {
  const kind = byPattern(schema, place) ?? byType(schema, place) ?? byName(schema, place);
  if (kind === null)
    throw new Error(
      `${place.path}: nothing says what ${place.in} ${place.name} (${JSON.stringify(schema)}) names; give it a schema that does, or a rule in e2e/attack/kinds.ts`,
    );
  return kind;
}

function byPattern(schema: Schema, { name, path }: Place): Kind | null {
  if (schema.pattern === undefined) return null;
  const id = ID.exec(schema.pattern)?.[1];
  if (id !== undefined) return `id:${id}`;
  if (NOBODY.includes(pattern(schema.pattern))) return "plain";
  switch (pattern(schema.pattern)) {
    case "^[0-9a-f]{64}$":
      return "digest";
    case MODEL:
      return /dataset/i.test(name) ? "dataset" : "model";
    case VERSION:
      return /dataset|evaluateOn|^ref$/i.test(name) ? "datasetVersion" : "version";
    case SLUG:
      return name === "slug" && !path.includes("{slug}") ? "newSlug" : "institution";
    case BYTES:
      return name === "id" ? "credential" : "words";
    // Nobody is told of one but those it was made for, and no list has them.
    case "^zec_[0-9a-z]{40}$":
      return "plain";
    case SHORT_NAME:
      return name === "alias" ? "alias" : name === "name" || name === "rule" ? "rule" : null;
    default:
      return /tag/.test(name) ? "tag" : null;
  }
}

function byType(schema: Schema, { name }: Place): Kind | null {
  if (schema.format === "email") return "email";
  if (schema.format === "date-time" || schema.format === "uri") return "plain";
  if (schema.enum !== undefined || schema.const !== undefined) return "plain";
  if (schema.type === "integer") return name === "last_event_id" ? "event" : "plain";
  if (schema.type === "number" || schema.type === "boolean" || schema.type === "null") return "plain";
  return schema.type === undefined || schema.type === "object" ? "anything" : null;
}

function byName(schema: Schema, place: Place): Kind | null {
  if (schema.type !== "string") return null;
  if (place.name === "cursor") return "cursor";
  if (place.name === "filter") return "filter";
  if (place.name === "versions") return "versions";
  if (place.name === "path") return "file";
  if (place.in === "query" && TEXT.has(place.name)) return "text";
  return place.in === "body" && WORDS.has(place.name) ? "words" : null;
}

/** Kinds whose values a neighbour can own, so that they are attacked. */
export function isAttacked(kind: Kind): boolean {
  return kind !== "plain" && kind !== "words" && kind !== "anything";
}
