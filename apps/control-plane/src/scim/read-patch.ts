import type { Filter } from "scim2-parse-filter";
import { ScimRefusal } from "../platform/errors/scim-refusal.js";
import { type Attribute, attributeOf, COMMON, type ResourceType } from "./attributes.js";
import { parseFilter } from "./parse-filter.js";
import { objectOf, readValue, valueAt } from "./read-resource.js";

const PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const MOST_OPERATIONS = 1000;
const LONGEST_PATH = 400;
/** `attribute`, `attribute.sub`, `attribute[filter]`, `attribute[filter].sub`, each with a schema's name before it or not. */
const PATH = /^(?:(urn:[^[\]"]+):)?([A-Za-z$][\w$-]*)(?:\[([\s\S]*)\])?(?:\.([A-Za-z$][\w$-]*))?$/;

/** One operation of a patch, in names of the schema: whatever else a client names is never followed into an object. */
export interface PatchOperation {
  readonly op: "add" | "replace" | "remove";
  readonly attribute: Attribute;
  /** Which of several values. */
  readonly filter: Filter | null;
  readonly sub: Attribute | null;
  /** As the attribute has it; undefined for none. */
  readonly value: unknown;
}

/** The operations of a PATCH (RFC 7644, section 3.5.2); those on attributes that we do not keep are passed over. */
export function readPatch(type: ResourceType, body: unknown): PatchOperation[] {
  const sent = objectOf(body);
  const schemas = valueAt(sent, "schemas");
  if (!Array.isArray(schemas) || !schemas.some((one) => typeof one === "string" && one.toLowerCase() === PATCH_OP.toLowerCase())) {
    throw new ScimRefusal("invalid", "invalidSyntax", `A patch has the schema ${PATCH_OP}.`);
  }
  const operations = valueAt(sent, "Operations");
  if (!Array.isArray(operations) || operations.length === 0 || operations.length > MOST_OPERATIONS) {
    throw new ScimRefusal("invalid", "invalidSyntax", `A patch has from 1 to ${MOST_OPERATIONS} Operations.`);
  }
  return operations.flatMap((operation) => readOperation(type, operation));
}

function readOperation(type: ResourceType, operation: unknown): PatchOperation[] {
  const sent = objectOf(operation, "An operation");
  const op = String(valueAt(sent, "op")).toLowerCase();
  const path = valueAt(sent, "path");
  const value = valueAt(sent, "value");
  if (op !== "add" && op !== "replace" && op !== "remove") {
    throw new ScimRefusal("invalid", "invalidSyntax", "An operation adds, replaces or removes.");
  }
  if (path === undefined) {
    if (op === "remove") throw new ScimRefusal("invalid", "noTarget", "What is removed needs a path.");
    // Directories repeat the id and other facts of ours among the values; only a path of their own is an attempt to change them.
    return Object.entries(objectOf(value, "The value")).flatMap(([name, one]) => operationAt(type, op, name, one, false));
  }
  if (typeof path !== "string" || path.length > LONGEST_PATH) throw new ScimRefusal("invalid", "invalidPath", "The path cannot be read.");
  if (op !== "remove" && value === undefined) throw new ScimRefusal("invalid", "invalidValue", "The operation has no value.");
  return operationAt(type, op, path, value, true);
}

/** @returns none for an attribute that we do not keep */
function operationAt(type: ResourceType, op: PatchOperation["op"], path: string, value: unknown, isNamed: boolean): PatchOperation[] {
  const [whole, schema, name = "", text, below] = PATH.exec(path) ?? [];
  if (whole === undefined) throw new ScimRefusal("invalid", "invalidPath", "The path cannot be read.");
  if (schema !== undefined && schema.toLowerCase() !== type.schema.toLowerCase()) return [];
  const attribute = attributeOf([...COMMON, ...type.attributes], name);
  if (attribute === undefined) return [];
  if (attribute.mutability === "readOnly") {
    if (isNamed) throw unchangeable(attribute.name);
    return [];
  }
  const sub = below === undefined ? null : attributeOf(attribute.subAttributes ?? [], below);
  if (sub === undefined) return [];
  const [hasFilter, isSeveral] = [text !== undefined, attribute.multiValued === true];
  if (hasFilter !== isSeveral && (hasFilter || sub !== null)) {
    throw new ScimRefusal("invalid", "invalidPath", `${attribute.name} ${isSeveral ? "has several values" : "has one value"}.`);
  }
  if (sub?.mutability === "immutable") throw unchangeable(`${attribute.name}.${sub.name}`);
  const filter = text === undefined ? null : checked(attribute, text);
  const read = readValue(sub ?? attribute, value, filter !== null && sub === null);
  // Null stands for no value (RFC 7643, section 2.5).
  return [{ op: read === undefined ? "remove" : op, attribute, filter, sub, value: read }];
}

function unchangeable(name: string): ScimRefusal {
  return new ScimRefusal("invalid", "mutability", `${name} is not the client's to change.`);
}

/** A filter in a path names sub-attributes of ours and nothing else. */
function checked(attribute: Attribute, text: string): Filter {
  const filter = parseFilter(text);
  const isOurs = namesIn(filter).every((name) => attributeOf(attribute.subAttributes ?? [], name) !== undefined);
  if (!isOurs) throw new ScimRefusal("invalid", "invalidPath", `${attribute.name} has no such values.`);
  return filter;
}

function namesIn(filter: Filter): string[] {
  switch (filter.op) {
    case "and":
    case "or":
      return filter.filters.flatMap(namesIn);
    case "not":
      return namesIn(filter.filter);
    case "[]":
      return [filter.attrPath, ...namesIn(filter.valFilter)];
    default:
      return [filter.attrPath];
  }
}
