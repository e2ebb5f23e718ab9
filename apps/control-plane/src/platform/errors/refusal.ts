import { PROBLEMS, type ProblemCode, type Violation } from "@ziggurat/contracts";

/** A request we decline, in words. The one filter turns it into problem+json; nothing else builds problem bodies. */
export class Refusal extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly violations: readonly Violation[] = [],
    /** Extra response headers such as `WWW-Authenticate` or `Upload-Offset`. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${PROBLEMS[code].title}: ${detail}`);
  }
}

/** Refuses with every broken rule at once; returns when there is none. */
export function refuseIfAny(violations: readonly Violation[], code: ProblemCode = "rule"): void {
  if (violations.length > 0) throw new Refusal(code, violations.map((violation) => violation.detail).join("; "), violations);
}

/** The one answer for what is absent and for what is not the viewer's. */
export function hidden(): Refusal {
  return new Refusal("hidden", "There is nothing here that you can see.");
}
