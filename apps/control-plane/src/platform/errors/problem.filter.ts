import { type ArgumentsHost, Catch, type ExceptionFilter, Logger, NotFoundException } from "@nestjs/common";
import { PROBLEMS, type Problem } from "@ziggurat/contracts";
import type { FastifyReply, FastifyRequest } from "fastify";
import { traceOf } from "../http/trace-context.js";
import { databaseCode, refusalOf } from "./problem-of.js";
import type { Refusal } from "./refusal.js";
import { SCIM_PREFIX, SCIM_TYPE, scimErrorOf } from "./scim-refusal.js";

/** The one place that answers an error: RFC 9457 problem details, or the form of the protocol that was spoken, whatever was thrown and wherever. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger("Http");

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const refusal = thrown instanceof NotFoundException ? request.server.routeTable.refusalFor(request) : refusalOf(thrown);
    if (refusal.code === "internal") {
      this.logger.error({
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url,
        trace: traceOf(request) ?? undefined,
        err: loggable(thrown),
      });
    }
    if (reply.raw.headersSent) {
      // An answer that has begun cannot be taken back; cutting it off tells the client that it is not whole.
      reply.raw.destroy();
      return;
    }
    const { status, type, body } = formOf(refusal, request);
    void reply
      .status(status)
      .headers({ "cache-control": "no-store", ...challenge(refusal), ...refusal.headers })
      .type(type)
      .send(body);
  }
}

/** Each protocol's clients read errors in its own form. */
function formOf(refusal: Refusal, request: Pick<FastifyRequest, "url" | "id">) {
  if (request.url.startsWith(`${SCIM_PREFIX}/`)) return { type: SCIM_TYPE, ...scimErrorOf(refusal) };
  return {
    type: "application/problem+json; charset=utf-8",
    status: PROBLEMS[refusal.code].status,
    body: problemOf(refusal, request),
  };
}

export function problemOf(refusal: Refusal, request: Pick<FastifyRequest, "url" | "id">): Problem {
  const { status, title } = PROBLEMS[refusal.code];
  return {
    type: `/docs/errors#${refusal.code}`,
    title,
    status,
    detail: refusal.detail,
    instance: request.url.split("?")[0] ?? request.url,
    code: refusal.code,
    requestId: request.id,
    errors: [...refusal.violations],
  };
}

/** What went wrong and where, without the values that went through: a failed statement carries its parameters. */
function loggable(thrown: unknown): Readonly<Record<string, unknown>> {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  return { name: thrown.name, message: thrown.message, code: databaseCode(thrown), stack: thrown.stack };
}

/** RFC 9110: every 401 names how to authenticate. */
function challenge(refusal: Refusal): Record<string, string> {
  if (PROBLEMS[refusal.code].status !== 401) return {};
  return { "www-authenticate": refusal.code === "token_expired" ? 'Bearer error="invalid_token"' : "Bearer" };
}
