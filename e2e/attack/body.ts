import type { Schema } from "./open-api.js";

/** One step into a body: a property, the first item of a list, or one of several shapes. */
export type Step = { readonly key: string } | { readonly item: true } | { readonly branch: number };

/** A value at the end of a body's schema. */
export interface Leaf {
  readonly steps: readonly Step[];
  readonly schema: Schema;
  /** The nearest property's name. */
  readonly name: string;
}

/** Every place of a body that takes one value. */
export function leavesOf(schema: Schema, steps: readonly Step[] = [], name = ""): Leaf[] {
  const shapes = schema.oneOf ?? schema.anyOf;
  if (shapes !== undefined) return shapes.flatMap((shape, branch) => leavesOf(shape, [...steps, { branch }], name));
  if (schema.properties !== undefined)
    return Object.entries(schema.properties).flatMap(([key, value]) => leavesOf(value, [...steps, { key }], key));
  if (schema.items !== undefined) return leavesOf(schema.items, [...steps, { item: true }], name);
  return [{ steps, schema, name }];
}

/** JSON Pointer of a place, as a person would look for it. */
export function pointerOf(steps: readonly Step[]): string {
  return steps.flatMap((step) => ("key" in step ? [`/${step.key}`] : "item" in step ? ["/0"] : [])).join("");
}

/**
 * The smallest body that the schema takes, with whatever lies on the way to `steps`.
 * @param fill the value of a leaf
 */
export function buildBody(schema: Schema, steps: readonly Step[], fill: (schema: Schema, name: string) => unknown, name = ""): unknown {
  const [step, ...rest] = steps;
  const shapes = schema.oneOf ?? schema.anyOf;
  if (shapes !== undefined) {
    const branch = step !== undefined && "branch" in step ? step.branch : 0;
    return buildBody(shapes[branch] ?? {}, rest, fill, name);
  }
  if (schema.properties !== undefined) {
    const wanted = step !== undefined && "key" in step ? step.key : null;
    const keys = Object.keys(schema.properties).filter((key) => key === wanted || schema.required?.includes(key));
    return Object.fromEntries(keys.map((key) => [key, buildBody(schema.properties?.[key] ?? {}, key === wanted ? rest : [], fill, key)]));
  }
  if (schema.items !== undefined) {
    const isFilled = (step !== undefined && "item" in step) || (schema.minItems ?? 0) > 0;
    return isFilled ? [buildBody(schema.items, step !== undefined ? rest : [], fill, name)] : [];
  }
  if (schema.type === "object") return {};
  return fill(schema, name);
}

/** A copy of a body with another value at `steps`; what lies on the way is there, as {@link buildBody} made it. */
export function putAt(body: unknown, steps: readonly Step[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if ("branch" in step) return putAt(body, rest, value);
  if ("item" in step) {
    const [first, ...others] = Array.isArray(body) ? body : [];
    return [putAt(first, rest, value), ...others];
  }
  const object = isObject(body) ? body : {};
  return { ...object, [step.key]: putAt(object[step.key], rest, value) };
}

/** `over` laid upon `body`: objects are merged, everything else is replaced. */
export function merge(body: unknown, over: unknown): unknown {
  if (!isObject(body) || !isObject(over)) return over === undefined ? body : over;
  return Object.fromEntries([...new Set([...Object.keys(body), ...Object.keys(over)])].map((key) => [key, merge(body[key], over[key])]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
