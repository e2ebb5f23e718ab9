import { randomBytes } from "node:crypto";
import type { FastifyRequest } from "fastify";

/** Where a request stands in the trace of whoever sent it. */
export interface TraceContext {
  readonly traceId: string;
  /** Our own part of the trace. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** Version 00; later versions begin alike and may go on behind a hyphen. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?$/;

/**
 * The trace that a caller says a request belongs to (W3C Trace Context, section 3.2), or null where it says none, or nothing that the
 * specification lets us take.
 */
export function traceContextOf(traceparent: string | readonly string[] | undefined): TraceContext | null {
  const [, version, traceId, flags, more] = typeof traceparent === "string" ? (TRACEPARENT.exec(traceparent) ?? []) : [];
  if (traceId === undefined || flags === undefined || (version === "00" && more !== undefined)) return null;
  return { traceId, spanId: randomBytes(8).toString("hex"), isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** What is answered of it: the caller's trace, and our own part of it, under which our logs have the request. */
export function traceresponse({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
}

const traces = new WeakMap<FastifyRequest, TraceContext>();

/** The same for the whole of a request: what is answered is what is logged. */
export function traceOf(request: FastifyRequest): TraceContext | null {
  const found = traces.get(request) ?? traceContextOf(request.headers.traceparent);
  if (found !== null) traces.set(request, found);
  return found;
}
