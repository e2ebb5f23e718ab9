import { ScimError, type ScimPatchOperation, scimPatch } from "scim-patch";
import { ScimRefusal } from "../platform/errors/scim-refusal.js";
import { type Attribute, attributeOf, COMMON, type ResourceType } from "./attributes.js";
import { parseFilter } from "./parse-filter.js";
import { type Json, objectOf, readResource, readValue, valueAt } from "./read-resource.js";

const PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const MOST_OPERATIONS = 1000;
const LONGEST_PATH = 400;
/** `attribute`, `attribute.sub`, `attribute[filter]`, `attribute[filter].sub`, each with a schema's name before it or not. */
const PATH = /^(?:(urn:[^[\]"]+):)?([A-Za-z$][\w$-]*)(?:\[([\s\S]*)\])?(?:\.([A-Za-z$][\w$-]*))?$/;

/**
 * What a resource is after a PATCH (RFC 7644, section 3.5.2). The library applies the operations; it would follow any name of a
 * client's into any object, so what it is given are names of the schema alone.
 */
export function patched(type: ResourceType, before: Json, body: unknown): Json {
  const sent = objectOf(body);
  const schemas = valueAt(sent, "schemas");
  if (!Array.isArray(schemas) || !schemas.some((one) => typeof one === "string" && one.toLowerCase() === PATCH_OP.toLowerCase())) {
    throw new ScimRefusal("invalid", "invalidSyntax", `A patch has the schema ${PATCH_OP}.`);
  }
  const operations = valueAt(sent, "Operations");
  if (!Array.isArray(operations) || operations.length === 0 || operations.length > MOST_OPERATIONS) {
    throw new ScimRefusal("invalid", "invalidSyntax", `A patch has from 1 to ${MOST_OPERATIONS} Operations.`);
  }
  const document = { meta: NO_META, ...structuredClone(before), schemas: [type.schema] };
  try {
    return readResource(
      type,
      scimPatch(
        document,
        operations.flatMap((operation) => readOperation(type, operation)),
      ),
    );
  } catch (error) {
    if (error instanceof ScimError) throw new ScimRefusal("invalid", scimTypeOf(error), "The patch cannot be applied to the resource.");
    throw error;
  }
}

const NO_META = { created: new Date(0), lastModified: new Date(0) };

function scimTypeOf({ scimCode }: ScimError): "noTarget" | "invalidPath" | "invalidSyntax" {
  return scimCode === "noTarget" || scimCode === "invalidPath" ? scimCode : "invalidSyntax";
}

function readOperation(type: ResourceType, operation: unknown): ScimPatchOperation[] {
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
function operationAt(
  type: ResourceType,
  op: "add" | "replace" | "remove",
  path: string,
  value: unknown,
  isNamed: boolean,
): ScimPatchOperation[] {
  const [whole, schema, name = "", filter, sub] = PATH.exec(path) ?? [];
  if (whole === undefined) throw new ScimRefusal("invalid", "invalidPath", "The path cannot be read.");
  if (schema !== undefined && schema.toLowerCase() !== type.schema.toLowerCase()) return [];
  const attribute = attributeOf([...COMMON, ...type.attributes], name);
  if (attribute === undefined) return [];
  if (attribute.mutability === "readOnly") {
    if (isNamed) throw new ScimRefusal("invalid", "mutability", `${attribute.name} is not the client's to change.`);
    return [];
  }
  const within = sub === undefined ? attribute : attributeOf(attribute.subAttributes ?? [], sub);
  if (within === undefined) return [];
  if ((filter !== undefined) !== (attribute.multiValued === true) && (filter !== undefined || sub !== undefined)) {
    throw new ScimRefusal("invalid", "invalidPath", `${attribute.name} ${attribute.multiValued ? "has several values" : "has one value"}.`);
  }
  const target = `${attribute.name}${filter === undefined ? "" : `[${checked(attribute, filter)}]`}${sub === undefined ? "" : `.${within.name}`}`;
  const read = readValue(within, value, filter !== undefined && sub === undefined);
  if (op === "remove") return [{ op, path: target, ...(read === undefined ? {} : { value: read }) }];
  // Null stands for no value (RFC 7643, section 2.5).
  return read === undefined ? [{ op: "remove", path: target }] : [{ op, path: target, value: read }];
}

/** A filter in a path names sub-attributes of ours and nothing else: the library makes what it does not find. */
function checked(attribute: Attribute, filter: string): string {
  const names = attribute.subAttributes ?? [];
  const isOurs = namesIn(parseFilter(filter)).every((name) => names.some((sub) => sub.name === name));
  if (!isOurs) throw new ScimRefusal("invalid", "invalidPath", `${attribute.name} has no such values.`);
  return filter;
}

function namesIn(filter: ReturnType<typeof parseFilter>): string[] {
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
