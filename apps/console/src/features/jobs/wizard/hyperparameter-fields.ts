import { HYPERPARAMETERS, type Method } from "@ziggurat/contracts";
import { z } from "zod";
import type { FieldValue } from "./draft.js";

/** One field of a method's form, read off the contract's schema. */
export interface HyperparameterField {
  /** Dotted below `hyperparameters`: `architecture.layers`. */
  readonly name: string;
  readonly kind: "integer" | "number" | "boolean" | "choice" | "choices";
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** The contract's default; the tier may have another. */
  readonly fallback: FieldValue | number | null;
  readonly options: readonly string[];
}

const Property = z.object({
  type: z.string().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  default: z.union([z.string(), z.boolean(), z.number(), z.array(z.string())]).optional(),
  enum: z.array(z.string()).optional(),
  items: z.object({ enum: z.array(z.string()).optional() }).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});

/** Fields of a method in the contract's order, nested ones flattened. */
export function hyperparameterFields(method: Method): HyperparameterField[] {
  return fieldsIn(z.toJSONSchema(HYPERPARAMETERS[method], { io: "input", unrepresentable: "any" }), "");
}

function fieldsIn(schema: unknown, prefix: string): HyperparameterField[] {
  const { properties = {} } = Property.parse(schema);
  return Object.entries(properties).flatMap(([key, value]) => {
    const property = Property.parse(value);
    const name = `${prefix}${key}`;
    if (property.properties) return fieldsIn(property, `${name}.`);
    return [
      {
        name,
        kind: kindOf(property),
        minimum: property.minimum ?? property.exclusiveMinimum ?? null,
        maximum: property.maximum ?? null,
        fallback: property.default ?? null,
        options: property.enum ?? property.items?.enum ?? [],
      },
    ];
  });
}

function kindOf(property: z.infer<typeof Property>): HyperparameterField["kind"] {
  if (property.type === "array") return "choices";
  if (property.enum) return "choice";
  if (property.type === "boolean") return "boolean";
  return property.type === "integer" ? "integer" : "number";
}

/** A form's text as the value to send; what is no number is sent as it is, so that the server says what is wrong with it. */
export function fieldValue(method: Method, name: string, value: FieldValue): string | number | boolean | string[] | undefined {
  const field = hyperparameterFields(method).find((candidate) => candidate.name === name);
  if (!field || value === "") return undefined;
  if (typeof value !== "string" || (field.kind !== "integer" && field.kind !== "number")) return value;
  const number = Number(value);
  return value.trim() === "" ? undefined : Number.isFinite(number) ? number : value;
}
