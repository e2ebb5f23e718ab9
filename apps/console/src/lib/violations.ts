import type { Violation } from "@ziggurat/contracts";

/** Violations at a JSON Pointer or below it. */
export function violationsAt(violations: readonly Violation[], pointer: string): Violation[] {
  return violations.filter((violation) => violation.pointer === pointer || violation.pointer?.startsWith(`${pointer}/`));
}

/** Violations that belong to none of the pointers a form shows: they go above it. */
export function violationsElsewhere(violations: readonly Violation[], pointers: readonly string[]): Violation[] {
  return violations.filter((violation) => !pointers.some((pointer) => violationsAt([violation], pointer).length > 0));
}
