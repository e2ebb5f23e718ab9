import { applyDecorators, SetMetadata } from "@nestjs/common";
import type { Scope } from "@ziggurat/contracts";

/** Metadata key of a route's door; every route carries exactly one, and a test walks the routes. */
export const ACCESS = "ziggurat:access";
export type Access =
  | { readonly kind: "public" }
  | { readonly kind: "scoped"; readonly anyOf: readonly Scope[]; readonly withOneTimePassword: boolean };

/** Open to everyone; routes that authenticate in a way of their own (runner calls) say so with this too. */
export const Public = (): MethodDecorator & ClassDecorator => applyDecorators(SetMetadata(ACCESS, { kind: "public" } satisfies Access));

/** Needs a signed-in viewer who holds at least one of these scopes, by session or by token alike. */
export const RequireScope = (...anyOf: readonly [Scope, ...Scope[]]): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(ACCESS, { kind: "scoped", anyOf, withOneTimePassword: false } satisfies Access));

/** Needs a signed-in viewer and no scope in particular: what concerns only the viewer's own account. */
export const SignedIn = (options: { readonly withOneTimePassword?: boolean } = {}): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(ACCESS, { kind: "scoped", anyOf: [], withOneTimePassword: options.withOneTimePassword ?? false } satisfies Access),
  );
