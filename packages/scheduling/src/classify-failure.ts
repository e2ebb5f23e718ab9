import { FAILURES, type FailureClass } from "@ziggurat/contracts";

/** What follows a failed run: another attempt by the platform, the end, or the end with a hint that only an operator can mend it. */
export type FailureAnswer = "retry" | "give_up" | "ask_operator";

/** One exhaustive table: a new failure class does not compile until somebody decided what follows it. */
const ANSWERS: Readonly<Record<FailureClass, FailureAnswer>> = {
  code_error: "give_up",
  bad_spec: "give_up",
  bad_data: "give_up",
  bad_base: "give_up",
  out_of_memory: "give_up",
  diverged: "give_up",
  storage: "retry",
  environment: "ask_operator",
  cancelled: "give_up",
  preempted: "retry",
  input_unavailable: "retry",
  digest_mismatch: "ask_operator",
  no_result: "give_up",
  time_limit: "give_up",
  guard: "give_up",
  lost: "retry",
};

/** Attempts the platform makes by itself; a person's retry starts the count anew. */
export const MAX_ATTEMPTS = 3;

/** Decides what follows the failure of attempt `attempt` (from 1 since the last request or retry). */
export function classifyFailure(failure: FailureClass, attempt: number): FailureAnswer {
  const answer = ANSWERS[failure];
  return answer === "retry" && attempt >= MAX_ATTEMPTS ? "give_up" : answer;
}

/** Seconds to wait before attempt `attempt + 1`: 2, 8, 32 … at most ten minutes. */
export function retryDelaySeconds(attempt: number): number {
  return Math.min(600, 2 * 4 ** (attempt - 1));
}

export function remedyOf(failure: FailureClass): string {
  return FAILURES[failure].remedy;
}
