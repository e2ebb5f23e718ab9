import { z } from "zod";
import { InstitutionState } from "./exits.js";
import { idOf, Slug, Timestamp } from "./primitives.js";
import { Email, Password } from "./session.js";
import { Role } from "./vocabulary.js";

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

export const AddMember = z.strictObject({
  email: Email,
  name: z.string().trim().min(1).max(200),
  roles: z.array(Role).min(1),
  /** Left out: a one-time password is made, answered once, and must be changed. */
  password: Password.optional(),
});
export type AddMember = z.infer<typeof AddMember>;
export const UpdateMember = z.strictObject({ roles: z.array(Role).min(1) });
export const Member = z.strictObject({
  id: idOf("user"),
  email: z.string(),
  name: z.string(),
  roles: z.array(Role),
  createdAt: Timestamp,
});
export type Member = z.infer<typeof Member>;
export const AddedMember = Member.extend({ oneTimePassword: z.string().nullable() });
export type AddedMember = z.infer<typeof AddedMember>;
