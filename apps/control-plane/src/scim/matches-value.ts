import type { Compare, Filter } from "scim2-parse-filter";
import { type Attribute, attributeOf } from "./attributes.js";
import { unreadable } from "./parse-filter.js";
import type { Json } from "./read-resource.js";

/**
 * Whether one of an attribute's values is meant by a filter in a path (RFC 7644, section 3.5.2). Texts are compared as the attribute has it.
 * @throws ScimRefusal `invalidFilter` for a comparison that the sub-attribute has not
 */
export function matchesValue(attribute: Attribute, filter: Filter, value: Json): boolean {
  switch (filter.op) {
    case "and":
      return filter.filters.every((one) => matchesValue(attribute, one, value));
    case "or":
      return filter.filters.some((one) => matchesValue(attribute, one, value));
    case "not":
      return !matchesValue(attribute, filter.filter, value);
    case "[]":
      throw unreadable("Values have no values.");
    case "pr": {
      const held = heldIn(attribute, filter.attrPath, value);
      return held !== undefined && held !== "";
    }
    default:
      return compares(attribute, filter, heldIn(attribute, filter.attrPath, value));
  }
}

function heldIn({ subAttributes = [] }: Attribute, name: string, value: Json): unknown {
  return value[attributeOf(subAttributes, name)?.name ?? name];
}

function compares({ subAttributes = [] }: Attribute, { op, attrPath, compValue }: Compare, held: unknown): boolean {
  if (compValue === null) return (held === undefined) === (op === "eq");
  const sub = attributeOf(subAttributes, attrPath);
  if (sub?.type === "boolean") {
    if (op !== "eq" && op !== "ne") throw unreadable(`${attrPath} is true or false.`);
    return (String(held ?? "") === String(compValue).toLowerCase()) === (op === "eq");
  }
  if (typeof compValue !== "string") throw unreadable(`${attrPath} is compared with a text.`);
  if (typeof held !== "string") return op === "ne";
  const [one, other] = sub?.caseExact === true ? [held, compValue] : [held.toLowerCase(), compValue.toLowerCase()];
  return TESTS[op](one, other);
}

const TESTS: Readonly<Record<Compare["op"], (held: string, given: string) => boolean>> = {
  eq: (held, given) => held === given,
  ne: (held, given) => held !== given,
  co: (held, given) => held.includes(given),
  sw: (held, given) => held.startsWith(given),
  ew: (held, given) => held.endsWith(given),
  gt: (held, given) => held > given,
  ge: (held, given) => held >= given,
  lt: (held, given) => held < given,
  le: (held, given) => held <= given,
};
