import { z } from "zod";
import { idOf, Timestamp } from "./primitives.js";

/** Bytes as browsers write them: base64url without padding. */
const Bytes = z
  .string()
  .max(20_000)
  .regex(/^[A-Za-z0-9_-]*$/, "expected base64url");
const Extensions = z.record(z.string(), z.unknown());

/** What an authenticator answers when it makes a passkey (WebAuthn level 3, `RegistrationResponseJSON`). */
export const MadePasskey = z.strictObject({
  id: Bytes.min(1).max(1400),
  rawId: Bytes,
  type: z.literal("public-key"),
  response: z.strictObject({
    clientDataJSON: Bytes,
    attestationObject: Bytes,
    authenticatorData: Bytes.optional(),
    transports: z.array(z.string().max(32)).max(10).optional(),
    publicKeyAlgorithm: z.number().optional(),
    publicKey: Bytes.optional(),
  }),
  authenticatorAttachment: z.enum(["platform", "cross-platform"]).nullish(),
  clientExtensionResults: Extensions,
});
export type MadePasskey = z.infer<typeof MadePasskey>;

/** What an authenticator answers when it signs (`AuthenticationResponseJSON`). */
export const SignedByPasskey = z.strictObject({
  id: Bytes.min(1).max(1400),
  rawId: Bytes,
  type: z.literal("public-key"),
  response: z.strictObject({
    clientDataJSON: Bytes,
    authenticatorData: Bytes,
    signature: Bytes,
    userHandle: Bytes.nullish(),
  }),
  authenticatorAttachment: z.enum(["platform", "cross-platform"]).nullish(),
  clientExtensionResults: Extensions,
});
export type SignedByPasskey = z.infer<typeof SignedByPasskey>;

export const Passkey = z.strictObject({
  id: idOf("passkey"),
  name: z.string(),
  createdAt: Timestamp,
  lastUsedAt: Timestamp.nullable(),
  /** Kept on several devices by an account of its maker's. */
  isSynced: z.boolean(),
});
export type Passkey = z.infer<typeof Passkey>;

/** One's own passkeys, and the host name that they are for; null where this platform's address can have none. */
export const Passkeys = z.strictObject({ data: z.array(Passkey), host: z.string().nullable() });
export type Passkeys = z.infer<typeof Passkeys>;

/** What browsers are given, as they take it: the W3C's own shape. */
export const PasskeyOptions = z.looseObject({ challenge: z.string() });
export type PasskeyOptions = z.infer<typeof PasskeyOptions>;

/** Proof that it is the account's owner who asks. Who has no password has signed in a few minutes ago. */
export const StartPasskey = z.strictObject({
  currentPassword: z.string().min(1).max(256).optional(),
  /** Of the authenticator app, or a recovery code, where the app's codes are asked for at sign-in. */
  code: z.string().trim().min(6).max(32).optional(),
});
export type StartPasskey = z.infer<typeof StartPasskey>;

export const AddPasskey = z.strictObject({ name: z.string().trim().min(1).max(100), response: MadePasskey });
export type AddPasskey = z.infer<typeof AddPasskey>;
/** Recovery codes come with the first second factor of an account, shown this once. */
export const AddedPasskey = Passkey.extend({ recoveryCodes: z.array(z.string()).nullable() });
export type AddedPasskey = z.infer<typeof AddedPasskey>;

/** A second factor is taken off by a second factor: a code, or what a passkey signed. */
export const RemovePasskey = StartPasskey.extend({ passkey: SignedByPasskey.optional() });
export type RemovePasskey = z.infer<typeof RemovePasskey>;

export const PasskeySignIn = z.strictObject({ passkey: SignedByPasskey });
export type PasskeySignIn = z.infer<typeof PasskeySignIn>;
