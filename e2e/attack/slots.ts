import { type Leaf, leavesOf, pointerOf, type Step } from "./body.js";
import { openBodies } from "./hints.js";
import { type Kind, kindOf } from "./kinds.js";
import type { Operation, Schema } from "./open-api.js";

/** A place of a request that takes one value. A path's namespace, slug and number are one place: together they name one thing. */
export type Slot =
  | { readonly in: "path"; readonly names: readonly string[]; readonly kind: Kind; readonly schema: Schema }
  | { readonly in: "query"; readonly name: string; readonly kind: Kind; readonly required: boolean; readonly schema: Schema }
  | { readonly in: "body"; readonly steps: readonly Step[]; readonly kind: Kind; readonly schema: Schema };

/** How a report names the place. */
export function nameOf(slot: Slot): string {
  if (slot.in === "path") return `path {${slot.names.join("}{")}}`;
  return slot.in === "query" ? `query ${slot.name}` : `body ${pointerOf(slot.steps)}`;
}

/**
 * Every place of a route.
 * @throws when one of them is of no known kind
 */
export function slotsOf(operation: Operation): Slot[] {
  return [...pathSlots(operation), ...querySlots(operation), ...bodySlots(operation)];
}

function pathSlots(operation: Operation): Slot[] {
  const names = [...operation.path.matchAll(/\{([^}]*)\}/g)].map(([, name = ""]) => name);
  const reference = ["namespace", "slug", "number"].filter((name) => names.includes(name));
  const isReference = reference.includes("namespace");
  const slots: Slot[] = [];
  if (isReference) {
    const isData = operation.path.includes("/datasets/{namespace}");
    const isVersion = reference.includes("number");
    slots.push({
      in: "path",
      names: reference,
      kind: isData ? (isVersion ? "datasetVersion" : "dataset") : isVersion ? "version" : "model",
      schema: {},
    });
  }
  for (const name of names) {
    if (isReference && reference.includes(name)) continue;
    const schema = operation.parameters.find((parameter) => parameter.in === "path" && parameter.name === name)?.schema ?? {};
    slots.push({ in: "path", names: [name], schema, kind: kindOf(schema, { in: "path", name, path: operation.path }) });
  }
  return slots;
}

function querySlots(operation: Operation): Slot[] {
  return operation.parameters
    .filter((parameter) => parameter.in === "query")
    .map(({ name, required, schema }) => {
      // One value or several: one is enough to ask about something.
      const single = schema.anyOf?.find((shape) => shape.type !== "array") ?? schema;
      return { in: "query", name, required, schema: single, kind: kindOf(single, { in: "query", name, path: operation.path }) };
    });
}

function bodySlots(operation: Operation): Slot[] {
  if (operation.body === null) return [];
  const described = leavesOf(operation.body).map((leaf) => bodySlot(operation, leaf));
  const open = openBodies[operation.id]?.slots ?? [];
  return [...described, ...open.map(({ steps, kind }): Slot => ({ in: "body", steps, kind, schema: {} }))];
}

function bodySlot(operation: Operation, { steps, schema, name }: Leaf): Slot {
  const kind = kindOf(schema, { in: "body", name, path: operation.path });
  if (kind === "anything" && openBodies[operation.id] === undefined && !isOpen(name))
    throw new Error(
      `${operation.method} ${operation.path}: its body may hold anything at ${pointerOf(steps) || "/"}; say in e2e/attack/hints.ts what it can name`,
    );
  return { in: "body", steps, kind, schema };
}

/** Records whose names and values are settings, not names of things. */
const isOpen = (name: string) => ["hyperparameters", "environment", "clientExtensionResults"].includes(name);
