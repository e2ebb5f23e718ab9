import type { ArgumentMetadata } from "@nestjs/common";
import type { Violation } from "@ziggurat/contracts";
import type { z } from "zod";

type Place = ArgumentMetadata["type"];

/** What a schema found wrong, every fault at once: JSON pointers for body fields, the parameter's name for query and path. */
export function violationsOf(issues: readonly z.core.$ZodIssue[], place: Place): Violation[] {
  return issues.flatMap((issue) => violations(issue, place, []));
}

function violations(issue: z.core.$ZodIssue, place: Place, above: readonly PropertyKey[]): Violation[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const code = place === "body" ? "unknown_field" : "unknown_parameter";
    return issue.keys.map((key) => violation(code, "is not known here", [...path, key], place));
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const nearest = [...issue.errors].sort((a, b) => a.length - b.length)[0] ?? [];
    return nearest.flatMap((inner) => violations(inner, place, path));
  }
  return [violation(issue.code, issue.message, path, place)];
}

function violation(code: string, message: string, path: readonly PropertyKey[], place: Place): Violation {
  const name = path.map(String).join(".");
  const detail = name === "" ? message : `${name}: ${message}`;
  return place === "body" ? { code, detail, pointer: pointer(path) } : { code, detail };
}

/** RFC 6901. */
export function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
