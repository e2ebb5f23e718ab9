import { z } from "zod";

/** One broken rule. `code` is stable and documented; `detail` is English and a fallback; the console translates by code. */
export const Violation = z.strictObject({
  code: z.string(),
  detail: z.string(),
  /** JSON Pointer into the request body (RFC 6901), where one field is at fault. */
  pointer: z.string().optional(),
});
export type Violation = z.infer<typeof Violation>;

/** RFC 9457 problem details, `application/problem+json`. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  instance: z.string(),
  code: z.string(),
  requestId: z.string(),
  errors: z.array(Violation),
});
export type Problem = z.infer<typeof Problem>;

/** Codes of whole answers (not of single violations), with their status. One table for server, docs and console. */
export const PROBLEMS = {
  invalid: { status: 400, title: "The request is malformed" },
  unauthenticated: { status: 401, title: "Sign in first" },
  invalid_credentials: { status: 401, title: "Email or password is wrong" },
  second_factor_required: { status: 401, title: "A code of the second factor is needed" },
  token_expired: { status: 401, title: "The token has expired" },
  denied: { status: 403, title: "Not allowed" },
  insufficient_scope: { status: 403, title: "The token lacks a scope" },
  csrf: { status: 403, title: "The CSRF token is missing or wrong" },
  hidden: { status: 404, title: "Not found, or not visible to you" },
  method_not_allowed: { status: 405, title: "Method not allowed" },
  conflict: { status: 409, title: "The present state does not allow this" },
  idempotency_in_progress: { status: 409, title: "The first request with this key is still running" },
  stale: { status: 412, title: "Changed in the meantime" },
  too_large: { status: 413, title: "Too large" },
  unsupported_media_type: { status: 415, title: "Unsupported media type" },
  range_mismatch: { status: 416, title: "The range does not continue the upload" },
  rule: { status: 422, title: "Against the rules" },
  digest_mismatch: { status: 422, title: "The bytes do not match their digest" },
  idempotency_key_reused: { status: 422, title: "This key was used for another request" },
  precondition_required: { status: 428, title: "If-Match is required" },
  limited: { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "We made a mistake" },
  unavailable: { status: 503, title: "Not available right now" },
} as const satisfies Record<string, { status: number; title: string }>;
export type ProblemCode = keyof typeof PROBLEMS;
