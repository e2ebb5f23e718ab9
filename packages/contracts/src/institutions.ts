import { z } from "zod";
import { InstitutionState } from "./exits.js";
import { AccountId, idOf, Slug, Timestamp } from "./primitives.js";
import { Email, Password } from "./session.js";
import { Role, Scope, SharedTier } from "./vocabulary.js";

export const CreateInstitution = z.strictObject({
  slug: Slug,
  name: z.string().trim().min(1).max(200),
  region: z.string().trim().max(64).optional(),
});
export type CreateInstitution = z.infer<typeof CreateInstitution>;
export const Institution = z.strictObject({
  id: idOf("institution"),
  slug: Slug,
  name: z.string(),
  region: z.string().nullable(),
  state: InstitutionState,
  members: z.number().int(),
  models: z.number().int(),
  createdAt: Timestamp,
});
export type Institution = z.infer<typeof Institution>;

/** Built-in roles, roles of the institution's own, and for engineers the tiers they work at. What is left out of the last two stays as it is. */
export const Grant = z.strictObject({
  roles: z.array(Role),
  customRoles: z.array(idOf("role")).max(50).optional(),
  /** Must be said where somebody becomes an engineer by it. */
  tiers: z.array(SharedTier).min(1).optional(),
});
export type Grant = z.infer<typeof Grant>;

/** Everybody who is added by hand holds at least one role. */
export const AddMember = Grant.extend({
  email: Email,
  name: z.string().trim().min(1).max(200),
  /** Left out: a one-time password is made, answered once, and must be changed. */
  password: Password.optional(),
});
export type AddMember = z.infer<typeof AddMember>;
export const UpdateMember = Grant;
export type UpdateMember = z.infer<typeof UpdateMember>;
export const RoleName = z.strictObject({ id: idOf("role"), name: z.string() });
export type RoleName = z.infer<typeof RoleName>;
export const Member = z.strictObject({
  id: idOf("user"),
  email: z.string(),
  name: z.string(),
  roles: z.array(Role),
  customRoles: z.array(RoleName),
  /** Of an engineer: the tiers they work at. Empty for everybody else. */
  tiers: z.array(SharedTier),
  createdAt: Timestamp,
});
export type Member = z.infer<typeof Member>;
/** Shown this once; the next sign-in asks for a password of the member's own. */
export const OneTimePassword = z.strictObject({ oneTimePassword: z.string() });
export type OneTimePassword = z.infer<typeof OneTimePassword>;
/** What a member signs in with beside a provider, as their institution's administrators see it. */
export const WaysIn = z.strictObject({
  hasPassword: z.boolean(),
  /** Whether it is a one-time password that nobody has used yet. */
  mustChangePassword: z.boolean(),
  /** Whether an authenticator app's codes are asked for after the password. */
  hasApp: z.boolean(),
  passkeys: z.number().int(),
});
export type WaysIn = z.infer<typeof WaysIn>;
export const AddedMember = Member.extend({ oneTimePassword: z.string().nullable() });
export type AddedMember = z.infer<typeof AddedMember>;

/** A role that an institution, or the platform, made for itself out of what its built-in roles give. */
export const CreateRole = z.strictObject({
  name: z.string().trim().min(2).max(60),
  description: z.string().trim().max(500).default(""),
  scopes: z.array(Scope).min(1),
});
export type CreateRole = z.infer<typeof CreateRole>;
export const ChangeRole = CreateRole.partial();
export type ChangeRole = z.infer<typeof ChangeRole>;
export const CustomRole = z.strictObject({
  id: idOf("role"),
  name: z.string(),
  description: z.string(),
  scopes: z.array(Scope),
  /** People and service accounts that hold it. */
  holders: z.number().int(),
  /** Groups, of the directory and of providers, that give it. */
  groups: z.number().int(),
  createdAt: Timestamp,
  createdBy: z.string(),
  changedAt: Timestamp.nullable(),
});
export type CustomRole = z.infer<typeof CustomRole>;
/** What a change would mean, or with no scopes the removal; nothing is written. */
export const PreviewRole = z.strictObject({ scopes: z.array(Scope) });
export type PreviewRole = z.infer<typeof PreviewRole>;
export const RolePreview = z.strictObject({
  holders: z.array(
    z.strictObject({
      user: AccountId,
      name: z.string(),
      isService: z.boolean(),
      /** What they could ask for that they cannot now, and the other way round: another role may give the same. */
      gains: z.array(Scope),
      loses: z.array(Scope),
    }),
  ),
});
export type RolePreview = z.infer<typeof RolePreview>;
