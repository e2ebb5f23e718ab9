import { Refusal } from "../platform/errors/refusal.js";
import { ScimRefusal } from "../platform/errors/scim-refusal.js";
import { type Attribute, COMMON, type ResourceType } from "./attributes.js";

/** Characters in one text at most. */
const LONGEST = 1000;
/** Values of one attribute at most; a group larger than that is sent in parts. */
const MOST_VALUES = 10_000;

export type Json = Readonly<Record<string, unknown>>;

/**
 * What a client sent of a resource, under the names of the schema and of its types. Unknown attributes, and those that are not the
 * client's to write, are passed over.
 * @throws ScimRefusal when it is no resource of this kind
 */
export function readResource(type: ResourceType, body: unknown): Json {
  const sent = objectOf(body);
  const schemas = valueAt(sent, "schemas");
  if (schemas !== undefined && !(Array.isArray(schemas) && schemas.some((schema) => isSame(schema, type.schema)))) {
    throw new ScimRefusal("invalid", "invalidSyntax", `A ${type.name} has the schema ${type.schema}.`);
  }
  const read = readAttributes(writable(type), sent, `${type.schema}:`);
  for (const { name, required } of type.attributes) {
    if (required && (read[name] === undefined || read[name] === "")) {
      throw new ScimRefusal("invalid", "invalidValue", `${name} is required.`);
    }
  }
  return read;
}

/** Attributes that a client may write. */
export function writable(type: ResourceType): readonly Attribute[] {
  return [...COMMON, ...type.attributes].filter(isWritable);
}

const isWritable = ({ mutability }: Attribute): boolean => mutability !== "readOnly";

/**
 * One value as its attribute has it.
 * @param isOne of several values that the attribute has
 */
export function readValue(attribute: Attribute, value: unknown, isOne = false): unknown {
  if (value === null || value === undefined) return undefined;
  if (attribute.multiValued && !isOne) {
    const values = Array.isArray(value) ? value : [value];
    if (values.length > MOST_VALUES) throw new Refusal("too_large", `${attribute.name} has at most ${MOST_VALUES} values.`);
    return onePrimary(
      attribute,
      values.map((one) => readValue(attribute, one, true)),
    );
  }
  switch (attribute.type) {
    case "complex":
      return readAttributes((attribute.subAttributes ?? []).filter(isWritable), objectOf(value, attribute.name), "");
    case "boolean":
      return booleanOf(attribute, value);
    case "string":
    case "reference":
      return textOf(attribute, value);
  }
}

function readAttributes(attributes: readonly Attribute[], sent: Json, prefix: string): Json {
  const read: Record<string, unknown> = {};
  for (const attribute of attributes) {
    const value = readValue(attribute, valueAt(sent, attribute.name) ?? valueAt(sent, prefix + attribute.name));
    if (value !== undefined) read[attribute.name] = value;
  }
  return read;
}

/** RFC 7643, section 2.4: at most one value is the primary one. */
function onePrimary(attribute: Attribute, values: readonly unknown[]): readonly unknown[] {
  const isPrimary = (one: unknown) => typeof one === "object" && one !== null && "primary" in one && one.primary === true;
  if (values.filter(isPrimary).length > 1) {
    throw new ScimRefusal("invalid", "invalidValue", `${attribute.name} has one primary value at most.`);
  }
  return values;
}

/** What stands under a name in any case of letters. */
export function valueAt(sent: Json, name: string): unknown {
  const wanted = name.toLowerCase();
  const key = Object.keys(sent).find((one) => one.toLowerCase() === wanted);
  return key === undefined ? undefined : sent[key];
}

export function objectOf(value: unknown, name = "The body"): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ScimRefusal("invalid", name === "The body" ? "invalidSyntax" : "invalidValue", `${name} must be an object.`);
  }
  return { ...value };
}

/** Some directories send `"True"` and `"False"`. */
function booleanOf({ name }: Attribute, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "string" && /^(true|false)$/i.test(value)) return value.toLowerCase() === "true";
  throw new ScimRefusal("invalid", "invalidValue", `${name} must be true or false.`);
}

function textOf({ name }: Attribute, value: unknown): string {
  if (typeof value !== "string") throw new ScimRefusal("invalid", "invalidValue", `${name} must be a text.`);
  // The database keeps no NUL, and no half of a surrogate pair.
  if (value.length > LONGEST || value.includes("\0") || /\p{Surrogate}/u.test(value)) {
    throw new ScimRefusal("invalid", "invalidValue", `${name} must be a text of at most ${LONGEST} characters.`);
  }
  return value;
}

function isSame(value: unknown, schema: string): boolean {
  return typeof value === "string" && value.toLowerCase() === schema.toLowerCase();
}
