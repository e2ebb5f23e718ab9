import type { SignInRefusal } from "@ziggurat/contracts";
import { z } from "zod";

/** What a provider says about somebody, after it was verified. */
export const Asserted = z.strictObject({
  issuer: z.string(),
  subject: z.string().min(1).max(1000),
  email: z.string().nullable(),
  /** Whether the provider says that the address is the person's own, and does not merely pass on what they typed. */
  isAddressProven: z.boolean(),
  name: z.string().nullable(),
  groups: z.array(z.string()),
  /** The provider's name of its own session. */
  session: z.string().nullable(),
  /** OpenID Connect: what the provider is shown when the person signs out there; null where it offers no such thing. */
  idToken: z.string().nullable(),
});
export type Asserted = z.infer<typeof Asserted>;

/** A sign-in through a provider that comes to nothing. The reason is told by code; the detail stands in the audit log only. */
export class SignInRefused extends Error {
  constructor(
    readonly code: SignInRefusal,
    readonly detail: string = code,
    /** Where the person wanted to go on, as far as it is known. */
    readonly returnTo: string | null = null,
  ) {
    super(detail);
  }
}

/** Lets work refuse with the place that the person wanted to go to. */
export async function onTheWayTo<T>(returnTo: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw error instanceof SignInRefused ? new SignInRefused(error.code, error.detail, returnTo) : error;
  });
}

/** Texts of a claim that may be one text or a list; anything else says nothing. */
export function textsOf(claim: unknown): string[] {
  const list = Array.isArray(claim) ? claim : [claim];
  return list.filter((entry): entry is string => typeof entry === "string" && entry !== "").slice(0, 1000);
}

/** The first of several claims that is a text. */
export function firstText(...claims: readonly unknown[]): string | null {
  return claims.flatMap(textsOf)[0]?.slice(0, 300) ?? null;
}

const Address = z.email().max(254).toLowerCase();

/** An address as accounts have it, or null. */
export function addressIn(text: string | null): string | null {
  return Address.safeParse(text).data ?? null;
}
