import { createHash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { Refusal } from "../errors/refusal.js";

/** Strong entity tag of a JSON answer: what GET of the same resource answers in `ETag`, for the same viewer. */
export function etagOf(body: unknown): string {
  return etagOfText(JSON.stringify(body));
}

/** Strong entity tag of an answer that is already text. */
export function etagOfText(text: string | Buffer): string {
  return `"${createHash("sha256").update(text).digest("base64url").slice(0, 27)}"`;
}

/**
 * Holds a change of a governed object to what its author saw.
 * @param body the resource as GET would answer it to this viewer now
 * @throws Refusal `precondition_required` (428) without `If-Match`, `stale` (412) when the object changed since
 */
export function requireIfMatch(request: FastifyRequest, body: unknown): void {
  const given = request.headers["if-match"];
  if (given === undefined) throw new Refusal("precondition_required", "Send If-Match with the ETag of what you last read.");
  const current = etagOf(body);
  if (!matches(given, current)) throw new Refusal("stale", "It changed since you read it; read it again.", [], { etag: current });
}

/** Whether an `If-Match` or `If-None-Match` header names this tag. `*` names every tag; a weak tag is compared by its value. */
export function matches(header: string, etag: string): boolean {
  return header.split(",").some((part) => part.trim() === "*" || part.trim().replace(/^W\//, "") === etag);
}
