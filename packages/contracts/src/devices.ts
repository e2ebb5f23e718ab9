import { z } from "zod";
import { Timestamp } from "./primitives.js";
import { InstitutionName } from "./session.js";
import { Scope } from "./vocabulary.js";

/** A command line asks to be let in by a person at a browser (RFC 8628). */
export const RequestDevice = z.strictObject({
  /** What asks, in words that its owner knows again. */
  name: z.string().trim().min(1).max(100),
  scopes: z
    .array(Scope)
    .min(1)
    .refine((scopes) => new Set(scopes).size === scopes.length, "each scope once"),
});
export type RequestDevice = z.infer<typeof RequestDevice>;
export const DeviceCodes = z.strictObject({
  deviceCode: z.string(),
  /** For the person to type. */
  userCode: z.string(),
  verificationUri: z.string(),
  verificationUriComplete: z.string(),
  /** Seconds. */
  expiresIn: z.number().int(),
  /** Seconds to wait between two questions. */
  interval: z.number().int(),
});
export type DeviceCodes = z.infer<typeof DeviceCodes>;
/** Asks whether the person has decided; answers a token once they agreed. */
export const AskDevice = z.strictObject({ deviceCode: z.string().regex(/^[0-9a-f]{64}$/) });
export type AskDevice = z.infer<typeof AskDevice>;

/** Eight letters without vowels and look-alikes, in two fours: typed in any case, with or without the hyphen. */
export const UserCode = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-?[BCDFGHJKLMNPQRSTVWXZ]{4}$/, "eight letters in two fours");

/** What a person is asked, before they say yes. */
export const DeviceRequest = z.strictObject({
  name: z.string(),
  /** Where the request came from. */
  address: z.string(),
  /** What it asks for, of what the person may do. */
  scopes: z.array(Scope),
  /** What it asks for and the person may not do; it will not get that. */
  withheld: z.array(Scope),
  institution: InstitutionName,
  createdAt: Timestamp,
  expiresAt: Timestamp,
});
export type DeviceRequest = z.infer<typeof DeviceRequest>;
export const FindDevice = z.strictObject({ userCode: UserCode });
export type FindDevice = z.infer<typeof FindDevice>;
export const DecideDevice = z.strictObject({ userCode: UserCode, decision: z.enum(["approve", "deny"]) });
export type DecideDevice = z.infer<typeof DecideDevice>;
