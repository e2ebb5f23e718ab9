import { Problem, type Violation } from "@ziggurat/contracts";

/** A refusal or failure of the API, as data. `unreachable` and `unexpected` are the console's own codes for answers that are no answer. */
export class ApiProblem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly requestId: string | null,
    readonly violations: readonly Violation[],
  ) {
    super(title);
    this.name = "ApiProblem";
  }

  /** A hidden object and a missing one are the same thing to a viewer. */
  get isHidden(): boolean {
    return this.status === 404;
  }
}

/** The problem an answer carries; an answer that is no problem document still becomes one. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const requestId = response.headers.get("x-request-id");
  const parsed = Problem.safeParse(await response.json().catch(() => null));
  if (!parsed.success) return new ApiProblem("unexpected", response.status, response.statusText, "", requestId, []);
  const { code, status, title, detail, errors } = parsed.data;
  return new ApiProblem(code, status, title, detail, parsed.data.requestId || requestId, errors);
}

/** Anything thrown, as a problem to show. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem("unexpected", 0, "", error instanceof Error ? error.message : String(error), null, []);
}

/** Violations of a refusal; empty for anything else. */
export function violationsOf(error: unknown): readonly Violation[] {
  return error instanceof ApiProblem ? error.violations : [];
}
