import type { Filter } from "scim2-parse-filter";
import { ScimRefusal } from "../platform/errors/scim-refusal.js";
import { type Attribute, attributeOf, type ResourceType } from "./attributes.js";
import { canonical } from "./canonical.js";
import { matchesValue } from "./matches-value.js";
import { type PatchOperation, readPatch } from "./read-patch.js";
import { type Json, readResource } from "./read-resource.js";

/** What a resource is after a PATCH: all operations in their order, or none. @throws ScimRefusal */
export function patched(type: ResourceType, before: Json, body: unknown): Json {
  const after = readPatch(type, body).reduce(applied, before);
  for (const { name, required } of type.attributes) {
    if (required && after[name] === undefined) {
      throw new ScimRefusal("invalid", "mutability", `${name} is required, and stays.`);
    }
  }
  return readResource(type, after);
}

function applied(resource: Json, operation: PatchOperation): Json {
  const { attribute } = operation;
  const next = attribute.multiValued ? several(operation, valuesIn(resource, attribute)) : single(operation, resource[attribute.name]);
  return withValue(resource, attribute.name, next);
}

/** An attribute without a value is none. */
function withValue(object: Json, name: string, value: unknown): Json {
  const { [name]: _, ...rest } = object;
  return isNothing(value) ? rest : { ...rest, [name]: value };
}

function isNothing(value: unknown): boolean {
  return value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}

/** Of a complex attribute, what is not named stays. */
function single({ op, attribute, sub, value }: PatchOperation, before: unknown): unknown {
  if (sub !== null) return withValue(partsOf(before), sub.name, op === "remove" ? undefined : value);
  if (op === "remove") return undefined;
  return attribute.type === "complex" ? { ...partsOf(before), ...partsOf(value) } : value;
}

function several(operation: PatchOperation, before: readonly Json[]): readonly Json[] {
  const { op, attribute, filter, sub, value } = operation;
  if (filter !== null) return chosen(operation, filter, before);
  if (sub !== null) throw new Error(`a path below ${attribute.name} without a filter was let through`);
  const given = listOf(value);
  switch (op) {
    case "replace":
      return onePrimary(attribute, given, given);
    case "add": {
      const known = new Set(before.map(canonical));
      const added = given.filter((one) => known.size < known.add(canonical(one)).size);
      return onePrimary(attribute, [...before, ...added], added);
    }
    case "remove":
      // Some directories say in the value, and not in the path, which values go.
      return value === undefined ? [] : without(attribute, before, given);
  }
}

/** Values that a filter names. Where it names none, one is made of what it asks for: directories set a work address so where there was none. */
function chosen({ op, attribute, sub, value }: PatchOperation, filter: Filter, before: readonly Json[]): readonly Json[] {
  const matching = new Set(before.filter((one) => matchesValue(attribute, filter, one)));
  const changed = (one: Json): Json => {
    if (sub !== null) return withValue(one, sub.name, op === "remove" ? undefined : value);
    return op === "add" ? { ...one, ...partsOf(value) } : partsOf(value);
  };
  if (op === "remove" && sub === null) return before.filter((one) => !matching.has(one));
  if (matching.size > 0) {
    const touched = new Map([...matching].map((one) => [one, changed(one)]));
    const after = before.map((one) => touched.get(one) ?? one).filter((one) => !isNothing(one));
    return onePrimary(attribute, after, [...touched.values()]);
  }
  if (op === "remove") return before;
  const asked = askedFor(attribute, filter);
  if (asked === null || (op === "replace" && sub === null)) {
    throw new ScimRefusal("invalid", "noTarget", `No value of ${attribute.name} fits the filter.`);
  }
  const made = changed(asked);
  return onePrimary(attribute, [...before, made], [made]);
}

/** What a value must hold to fit a filter of equalities; null for another filter. */
function askedFor(attribute: Attribute, filter: Filter): Json | null {
  if (filter.op === "and") {
    const parts = filter.filters.map((one) => askedFor(attribute, one));
    return parts.every((part) => part !== null) ? Object.assign({}, ...parts) : null;
  }
  const sub = filter.op === "eq" ? attributeOf(attribute.subAttributes ?? [], filter.attrPath) : undefined;
  return sub === undefined || filter.op !== "eq" || filter.compValue === null ? null : { [sub.name]: filter.compValue };
}

/** Values but those that a client wrote out: what both of them say is the same, their `value` among it. */
function without(attribute: Attribute, before: readonly Json[], given: readonly Json[]): readonly Json[] {
  const folded = (one: Json, name: string): unknown => {
    const text = one[name];
    const isExact = attributeOf(attribute.subAttributes ?? [], name)?.caseExact === true;
    return typeof text === "string" && !isExact ? text.toLowerCase() : text;
  };
  const byValue = new Map<unknown, Json[]>();
  for (const one of given) {
    const key = folded(one, "value");
    byValue.set(key, [...(byValue.get(key) ?? []), one]);
  }
  const isMeant = (held: Json): boolean =>
    [folded(held, "value"), undefined].some((key) =>
      byValue.get(key)?.some((one) => {
        const said = Object.keys(one).filter((name) => held[name] !== undefined);
        return said.length > 0 && said.every((name) => folded(held, name) === folded(one, name));
      }),
    );
  return before.filter((held) => !isMeant(held));
}

/** The primary value is one: what was set to it last is it, and none of the others any more (RFC 7644, section 3.5.2). */
function onePrimary(attribute: Attribute, values: readonly Json[], touched: readonly Json[]): readonly Json[] {
  if (attributeOf(attribute.subAttributes ?? [], "primary") === undefined) return values;
  const primary = touched.filter(({ primary }) => primary === true);
  if (primary.length !== 1) return values;
  return values.map((one) => (one.primary === true && one !== primary[0] ? { ...one, primary: false } : one));
}

const valuesIn = (resource: Json, { name }: Attribute): readonly Json[] => listOf(resource[name]);

function listOf(value: unknown): readonly Json[] {
  return (Array.isArray(value) ? value : []).map(partsOf);
}

function partsOf(value: unknown): Json {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
