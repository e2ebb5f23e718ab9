import { z } from "zod";
import { SignedByPasskey } from "./passkeys.js";
import { AccountId, idOf, Slug, Timestamp } from "./primitives.js";
import { Role, Scope } from "./vocabulary.js";

export const Email = z.email().max(254).toLowerCase();
/** At least 12 characters; argon2id accepts any, the upper bound keeps hashing cheap. */
export const Password = z.string().min(12).max(256);

export const LoginRequest = z.strictObject({
  email: Email,
  password: z.string().min(1).max(256),
  /** Of the authenticator, or a recovery code; asked for where a second factor is on. */
  code: z.string().trim().min(6).max(32).optional(),
  /** Signed by a passkey of the account, in the place of a code. */
  passkey: SignedByPasskey.optional(),
  /** For somebody who has the same password in several institutions. */
  institution: Slug.optional(),
});
export type LoginRequest = z.infer<typeof LoginRequest>;
/** The cookie carries the session; unsafe calls with it must send this value as `X-CSRF-Token`. */
export const LoginAnswer = z.strictObject({ csrfToken: z.string() });

/** One is out here. Who came through a provider that lets people sign out there as well may go on: once, in this browser, within minutes. */
export const LogoutAnswer = z.strictObject({
  provider: z.strictObject({
    name: z.string(),
    /** A path here, which sends the browser on. */
    signOutPath: z.string(),
  }),
});
export type LogoutAnswer = z.infer<typeof LogoutAnswer>;

export const InstitutionName = z.strictObject({ slug: Slug, name: z.string() });
export const Me = z.strictObject({
  id: AccountId,
  email: z.string(),
  name: z.string(),
  institution: InstitutionName,
  roles: z.array(Role),
  /** What this request may do at most; a session has every scope. */
  scopes: z.array(Scope),
  /** Present for cookie sessions, so that a reloaded page can go on writing. */
  csrfToken: z.string().nullable(),
  /** False for somebody who comes in through a provider, or whom a directory sent. */
  hasPassword: z.boolean(),
  /** Whether nothing else is open before the one-time password is replaced. */
  mustChangePassword: z.boolean(),
});
export type Me = z.infer<typeof Me>;

/** Goes over to another institution that this browser holds open. */
export const SwitchInstitution = z.strictObject({ institution: Slug });
export type SwitchInstitution = z.infer<typeof SwitchInstitution>;
/** A sign-in that still lasts: one's own, in whichever browser, and those of one's other accounts that this browser holds open beside it. */
export const OwnSession = z.strictObject({
  id: idOf("session"),
  institution: InstitutionName,
  /** Address of the account. */
  email: z.string(),
  /** The one that asks. */
  isCurrent: z.boolean(),
  /** Whether this browser holds it open, so that it may be gone over to. */
  isHeld: z.boolean(),
  createdAt: Timestamp,
  lastSeenAt: Timestamp,
  expiresAt: Timestamp,
});
export type OwnSession = z.infer<typeof OwnSession>;

/** Whether a code of an authenticator app is asked for at sign-in, and how many recovery codes are left; passkeys are listed by themselves. */
export const SecondFactor = z.strictObject({ isOn: z.boolean(), since: Timestamp.nullable(), recoveryCodes: z.number().int() });
export type SecondFactor = z.infer<typeof SecondFactor>;
/** Who has no password has signed in a few minutes ago instead. */
export const StartSecondFactor = z.strictObject({ currentPassword: z.string().min(1).max(256).optional() });
export type StartSecondFactor = z.infer<typeof StartSecondFactor>;
/** For the authenticator, once: base32, and the same as an `otpauth:` address for a QR code. Nothing is on until a code confirms it. */
export const StartedSecondFactor = z.strictObject({ secret: z.string(), uri: z.string() });
export type StartedSecondFactor = z.infer<typeof StartedSecondFactor>;
export const ConfirmSecondFactor = z.strictObject({
  code: z
    .string()
    .trim()
    .regex(/^[0-9]{6}$/, "six digits"),
});
export type ConfirmSecondFactor = z.infer<typeof ConfirmSecondFactor>;
/** Each stands in for a code once; shown this once. */
export const RecoveryCodes = z.strictObject({ recoveryCodes: z.array(z.string()) });
export type RecoveryCodes = z.infer<typeof RecoveryCodes>;
export const EndSecondFactor = StartSecondFactor.extend({ code: z.string().trim().min(6).max(32) });
export type EndSecondFactor = z.infer<typeof EndSecondFactor>;

export const ChangePassword = z.strictObject({ currentPassword: z.string().min(1).max(256), newPassword: Password });
export type ChangePassword = z.infer<typeof ChangePassword>;

export const CreateToken = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scopes: z.array(Scope).min(1),
  /** At most 365 days ahead; 90 days when left out. */
  expiresAt: Timestamp.optional(),
});
export type CreateToken = z.infer<typeof CreateToken>;
/** Puts a new token in the place of an old one, which goes on for a while so that its users can be told. */
export const RotateToken = z.strictObject({
  /** Hours that the old token still works, at most until its own end; 0 ends it at once. */
  overlapHours: z.number().int().min(0).max(168).default(24),
});
export type RotateToken = z.infer<typeof RotateToken>;
export const Token = z.strictObject({
  id: idOf("token"),
  name: z.string(),
  scopes: z.array(Scope),
  createdAt: Timestamp,
  expiresAt: Timestamp,
  lastUsedAt: Timestamp.nullable(),
  /** The address that it was last used from. */
  lastUsedFrom: z.string().nullable(),
});
export type Token = z.infer<typeof Token>;
/** The secret is shown this once. */
export const CreatedToken = Token.extend({ secret: z.string() });
export type CreatedToken = z.infer<typeof CreatedToken>;
