import type { ZodType } from "zod";
import { ApiProblem } from "./api-problem.js";

/**
 * Checks an answer against its schema, leaving out keys the schema does not know: an older page keeps working beside a newer server.
 * Throws `unexpected` for an answer of another shape.
 */
export function readTolerantly<T>(schema: ZodType<T>, value: unknown): T {
  let candidate = value;
  for (let round = 0; round < 2; round++) {
    const parsed = schema.safeParse(candidate);
    if (parsed.success) return parsed.data;
    const unknownKeys = parsed.error.issues.filter((issue) => issue.code === "unrecognized_keys");
    if (unknownKeys.length === 0 || round === 1) {
      const issue = parsed.error.issues[0];
      throw new ApiProblem("unexpected", 200, "", `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`, null, []);
    }
    candidate = unknownKeys.reduce((kept, issue) => without(kept, issue.path, issue.keys), candidate);
  }
  throw new ApiProblem("unexpected", 200, "", "", null, []);
}

function without(value: unknown, path: readonly PropertyKey[], keys: readonly string[]): unknown {
  const [head, ...rest] = path;
  if (Array.isArray(value)) return value.map((item: unknown, index) => (index === head ? without(item, rest, keys) : item));
  if (typeof value !== "object" || value === null) return value;
  if (head === undefined) return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => [key, key === head ? without(item, rest, keys) : item]),
  );
}
