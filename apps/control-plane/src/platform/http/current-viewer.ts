import { createParamDecorator, type ExecutionContext } from "@nestjs/common";
import type { FastifyRequest } from "fastify";
import type { Viewer } from "../database/viewer.js";
import { Refusal } from "../errors/refusal.js";

/** How the viewer proved who they are; sessions answer to CSRF, tokens do not. */
export type Credential =
  | { readonly kind: "session"; readonly id: string; readonly csrfToken: string; readonly mustChangePassword: boolean }
  | { readonly kind: "token"; readonly id: string };

/** Set by the access guard, once per request. */
export interface Authenticated {
  readonly viewer: Viewer;
  readonly credential: Credential;
}

const authenticated = new WeakMap<FastifyRequest, Authenticated>();

export function setAuthenticated(request: FastifyRequest, value: Authenticated): void {
  authenticated.set(request, value);
}

export function findAuthenticated(request: FastifyRequest): Authenticated | undefined {
  return authenticated.get(request);
}

/** The viewer of a request whose route is not public. */
export function viewerOf(request: FastifyRequest): Viewer {
  return authenticatedOf(request).viewer;
}

export function authenticatedOf(request: FastifyRequest): Authenticated {
  const found = authenticated.get(request);
  if (found === undefined) throw new Refusal("unauthenticated", "This needs a signed-in viewer.", [], { "www-authenticate": "Bearer" });
  return found;
}

/** Parameter decorator: the {@link Viewer} of this request. */
export const CurrentViewer = createParamDecorator((_: unknown, context: ExecutionContext) =>
  viewerOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** Parameter decorator: the credential behind the viewer. */
export const CurrentCredential = createParamDecorator(
  (_: unknown, context: ExecutionContext) => authenticatedOf(context.switchToHttp().getRequest<FastifyRequest>()).credential,
);
