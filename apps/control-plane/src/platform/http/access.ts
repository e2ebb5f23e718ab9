import { applyDecorators, SetMetadata } from "@nestjs/common";
import { ApiBearerAuth, ApiCookieAuth, ApiExtension } from "@nestjs/swagger";
import type { Scope } from "@ziggurat/contracts";

/** Metadata key of a route's door; every route carries exactly one, and a test walks the routes. */
export const ACCESS = "ziggurat:access";
export type Access =
  | { readonly kind: "public"; readonly isLimited: boolean }
  | { readonly kind: "scoped"; readonly anyOf: readonly Scope[]; readonly withOneTimePassword: boolean };

/**
 * Open to everyone; routes that authenticate in a way of their own (runner calls) say so with this too.
 * @param options `isLimited: false` for what is asked often and costs nothing, and for routes that count the refused themselves
 */
export const Public = (options: { readonly isLimited?: boolean } = {}): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(ACCESS, { kind: "public", isLimited: options.isLimited ?? true } satisfies Access));

/** Needs a signed-in viewer who holds at least one of these scopes, by session or by token alike. */
export const RequireScope = (...anyOf: readonly [Scope, ...Scope[]]): MethodDecorator & ClassDecorator => scoped(anyOf, false);

/** Needs a signed-in viewer and no scope in particular: what concerns only the viewer's own account. */
export const SignedIn = (options: { readonly withOneTimePassword?: boolean } = {}): MethodDecorator & ClassDecorator =>
  scoped([], options.withOneTimePassword ?? false);

function scoped(anyOf: readonly Scope[], withOneTimePassword: boolean): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(ACCESS, { kind: "scoped", anyOf, withOneTimePassword } satisfies Access),
    ApiBearerAuth("token"),
    ApiCookieAuth("session"),
    ApiExtension("x-any-scope-of", [...anyOf]),
  );
}
