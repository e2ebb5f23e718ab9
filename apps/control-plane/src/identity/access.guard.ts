import { timingSafeEqual } from "node:crypto";
import { type CanActivate, type ExecutionContext, Injectable } from "@nestjs/common";
import { Reflector } from "@nestjs/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "../platform/errors/refusal.js";
import { ACCESS, type Access } from "../platform/http/access.js";
import { type Authenticated, setAuthenticated } from "../platform/http/current-viewer.js";
import { routeParameters } from "../platform/http/route-parameters.js";
import { RequestLimits } from "../platform/limits/request-limits.js";
import { Authentication } from "./authentication.js";

/** Stands before every route: who asks, may they, did they mean it (CSRF), and do they ask for something the route knows. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authentication: Authentication,
    private readonly limits: RequestLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [context.getHandler(), context.getClass()]);
    if (access === undefined) throw new Error(`${context.getClass().name}.${context.getHandler().name} says nothing about access.`);
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    if (access.kind === "public") {
      if (access.isLimited) this.limits.takeUnknown(request.ip, reply);
    } else {
      const authenticated = await this.known(request, reply);
      setAuthenticated(request, authenticated);
      refuseForgery(request, authenticated);
      refuseOneTimePassword(access, authenticated);
      refuseMissingScope(access, authenticated);
    }
    refuseUnknownQuery(context, request);
    return true;
  }

  /** Whoever proves nothing is counted by address, so that made-up tokens are no way around a limit. */
  private async known(request: FastifyRequest, reply: FastifyReply): Promise<Authenticated> {
    const authenticated = await this.authentication.of(request).catch((error: unknown) => {
      if (error instanceof Refusal) this.limits.takeUnknown(request.ip, reply);
      throw error;
    });
    this.limits.takeKnown(authenticated.credential.id, reply);
    return authenticated;
  }
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** A cookie is sent along by any page that posts here; the CSRF token only by ours. */
function refuseForgery(request: FastifyRequest, { credential }: Authenticated): void {
  if (credential.kind === "token" || SAFE.has(request.method)) return;
  const given = Buffer.from(String(request.headers["x-csrf-token"] ?? ""));
  const expected = Buffer.from(credential.csrfToken);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new Refusal("csrf", "Send the csrfToken of your session as X-CSRF-Token.");
  }
}

function refuseOneTimePassword(access: Access & { kind: "scoped" }, { credential }: Authenticated): void {
  if (credential.kind === "token" || !credential.mustChangePassword || access.withOneTimePassword) return;
  throw new Refusal("denied", "Choose a password of your own first.", [
    { code: "password_change_required", detail: "the one-time password must be changed" },
  ]);
}

function refuseMissingScope({ anyOf }: Access & { kind: "scoped" }, { viewer, credential }: Authenticated): void {
  if (anyOf.length === 0 || anyOf.some((scope) => viewer.scopes.includes(scope))) return;
  const scopes = anyOf.join(" ");
  if (credential.kind === "session") throw new Refusal("denied", "Your role does not allow this.");
  throw new Refusal("insufficient_scope", `The token needs the scope ${anyOf.join(" or ")}.`, [], {
    "www-authenticate": `Bearer error="insufficient_scope", scope="${scopes}"`,
  });
}

/** Routes with a query schema refuse unknown parameters themselves; the others take none at all. */
function refuseUnknownQuery(context: ExecutionContext, request: FastifyRequest): void {
  if (typeof request.query !== "object" || request.query === null) return;
  const names = Object.keys(request.query);
  if (names.length === 0) return;
  if (routeParameters(context.getClass(), context.getHandler().name).some(({ place }) => place === "query")) return;
  throw new Refusal(
    "invalid",
    `There are no such parameters here: ${names.join(", ")}`,
    names.map((name) => ({ code: "unknown_parameter", detail: `${name}: is not known here` })),
  );
}
