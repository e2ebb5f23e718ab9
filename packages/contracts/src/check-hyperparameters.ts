import { z } from "zod";
import { HYPERPARAMETERS } from "./hyperparameters.js";
import type { Violation } from "./problem.js";
import type { Method } from "./vocabulary.js";

type Schema = z.core.JSONSchema.JSONSchema;
export type CheckedHyperparameters =
  | { readonly ok: true; readonly values: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly violations: readonly Violation[] };

/**
 * Parses hyperparameters by their method's schema, or says everything that is wrong with them: unknown names, wrong types, and
 * numbers out of range together with the range. Pointers lead below `/hyperparameters`.
 */
export function checkHyperparameters(method: Method, given: Readonly<Record<string, unknown>>): CheckedHyperparameters {
  const parsed = HYPERPARAMETERS[method].safeParse(given, { reportInput: true });
  if (parsed.success) return { ok: true, values: parsed.data };
  const schema = z.toJSONSchema(HYPERPARAMETERS[method], { io: "input" });
  return { ok: false, violations: parsed.error.issues.flatMap((issue) => violationsOf(issue, schema)) };
}

function violationsOf(issue: z.core.$ZodIssue, schema: Schema): Violation[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(schemaAt(schema, path)?.properties ?? {});
    return issue.keys.map((key) => ({
      code: "hyperparameter_unknown",
      detail: `${[...path, key].join(".")} is not a hyperparameter here; known are ${known.join(", ")}`,
      pointer: pointerTo([...path, key]),
    }));
  }
  const name = path.join(".");
  const range = rangeOf(schemaAt(schema, path));
  const pointer = pointerTo(path);
  if (issue.code === "too_small" || issue.code === "too_big") {
    return [{ code: "hyperparameter_range", detail: `${name} must be ${range || issue.message}`, pointer }];
  }
  if (issue.code === "invalid_type" && issue.input === undefined) {
    return [{ code: "hyperparameter_missing", detail: range ? `${name} is required: ${range}` : `${name} is required`, pointer }];
  }
  return [{ code: "hyperparameter_invalid", detail: range ? `${name} must be ${range}` : `${name}: ${issue.message}`, pointer }];
}

function schemaAt(schema: Schema, path: readonly string[]): Schema | undefined {
  return path.reduce<Schema | undefined>((at, part) => {
    const property = at?.properties?.[part];
    return typeof property === "object" ? property : undefined;
  }, schema);
}

/** The range of a number or the choices of a word, in words; empty where the schema sets none. */
function rangeOf(schema: Schema | undefined): string {
  if (schema === undefined) return "";
  if (schema.enum !== undefined) return `one of ${schema.enum.join(", ")}`;
  const bounds = [
    schema.exclusiveMinimum === undefined ? "" : `above ${schema.exclusiveMinimum}`,
    schema.minimum === undefined ? "" : `at least ${schema.minimum}`,
    schema.exclusiveMaximum === undefined ? "" : `below ${schema.exclusiveMaximum}`,
    schema.maximum === undefined ? "" : `at most ${schema.maximum}`,
  ];
  return bounds.filter((bound) => bound !== "").join(" and ");
}

function pointerTo(path: readonly string[]): string {
  return ["/hyperparameters", ...path.map((part) => part.replaceAll("~", "~0").replaceAll("/", "~1"))].join("/");
}
