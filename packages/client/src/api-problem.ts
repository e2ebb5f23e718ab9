import type { Problem } from "@ziggurat/contracts";

/** The platform refused a call; holds its problem document. */
export class ApiProblem extends Error {
  constructor(
    readonly call: string,
    readonly problem: Problem,
  ) {
    const reasons = problem.errors.map(
      (violation) => `\n  - ${violation.detail} (${violation.code}${violation.pointer ? ` at ${violation.pointer}` : ""})`,
    );
    super(`${call} was answered ${problem.status} ${problem.title}: ${problem.detail}${reasons.join("")}\n  request ${problem.requestId}`);
  }
}

/** Whether an error is the platform's answer with this status. */
export function isProblem(error: unknown, status: number): boolean {
  return error instanceof ApiProblem && error.problem.status === status;
}
