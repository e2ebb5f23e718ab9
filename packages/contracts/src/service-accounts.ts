import { z } from "zod";
import { RoleName } from "./institutions.js";
import { idOf, Timestamp } from "./primitives.js";
import { CreateToken, Token } from "./session.js";
import { Role, SharedTier } from "./vocabulary.js";

/** A program that works for an institution. It has no password and never signs in; tokens are made for it. Without roles it may do nothing. */
export const CreateServiceAccount = z.strictObject({
  name: z.string().trim().min(1).max(200),
  purpose: z.string().trim().min(1).max(500),
  /** The member who answers for it. */
  responsible: idOf("user"),
  roles: z.array(Role).default([]),
  customRoles: z.array(idOf("role")).max(50).default([]),
  tiers: z.array(SharedTier).min(1).optional(),
});
export type CreateServiceAccount = z.infer<typeof CreateServiceAccount>;
export const ChangeServiceAccount = z.strictObject({
  name: CreateServiceAccount.shape.name.optional(),
  purpose: CreateServiceAccount.shape.purpose.optional(),
  responsible: idOf("user").optional(),
  roles: z.array(Role).optional(),
  customRoles: z.array(idOf("role")).max(50).optional(),
  tiers: z.array(SharedTier).min(1).optional(),
});
export type ChangeServiceAccount = z.infer<typeof ChangeServiceAccount>;
export const ServiceAccount = z.strictObject({
  id: idOf("serviceAccount"),
  name: z.string(),
  purpose: z.string(),
  responsible: z.strictObject({ id: idOf("user"), name: z.string() }),
  /** Whether its tokens open anything: they rest while nobody who is a member answers for it. */
  isActive: z.boolean(),
  roles: z.array(Role),
  customRoles: z.array(RoleName),
  tiers: z.array(SharedTier),
  /** Tokens that have neither ended nor been revoked. */
  tokens: z.number().int(),
  lastUsedAt: Timestamp.nullable(),
  createdAt: Timestamp,
  createdBy: z.string(),
});
export type ServiceAccount = z.infer<typeof ServiceAccount>;

/** 90 days when no end is given, 365 at most, as personal tokens. */
export const CreateServiceToken = CreateToken;
export const ServiceToken = Token.extend({ madeBy: z.string() });
export type ServiceToken = z.infer<typeof ServiceToken>;
/** The secret is shown this once. */
export const CreatedServiceToken = ServiceToken.extend({ secret: z.string() });
export type CreatedServiceToken = z.infer<typeof CreatedServiceToken>;
