import { z } from "zod";
import { Grant, RoleName } from "./institutions.js";
import { idOf, Timestamp } from "./primitives.js";
import { Role, SharedTier } from "./vocabulary.js";

/** Where a directory sends an institution's people, and whether it does. */
export const ScimDoor = z.strictObject({
  /** What is typed into the directory as the base URL, beside a token with the scope `directory:write`. */
  baseUrl: z.string(),
  lastUsedAt: Timestamp.nullable(),
  /** Name of the token that was used last, where it still is there. */
  lastToken: z.string().nullable(),
  /** People whom a directory has sent or changed, and who may sign in. */
  people: z.number().int(),
  groups: z.number().int(),
});
export type ScimDoor = z.infer<typeof ScimDoor>;

/** A group of the directory's, and what its members have by it. */
export const ScimGroup = z.strictObject({
  id: idOf("scimGroup"),
  name: z.string(),
  externalId: z.string().nullable(),
  members: z.number().int(),
  roles: z.array(Role),
  customRoles: z.array(RoleName),
  /** Where it makes engineers: the tiers they work at. Empty for every other group. */
  tiers: z.array(SharedTier),
  createdAt: Timestamp,
});
export type ScimGroup = z.infer<typeof ScimGroup>;

/** What a group gives from now on; no roles take all of them away. */
export const MapScimGroup = Grant;
export type MapScimGroup = z.infer<typeof MapScimGroup>;
