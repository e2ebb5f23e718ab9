import { z } from "zod";
import { ImportId } from "./imports.js";
import { AccountId, idOf, JobId, ModelRef, PageQuery, Slug, Timestamp } from "./primitives.js";
import { ImportState, JobState, Role, Scope, SharedTier, Tier } from "./vocabulary.js";

/** What a person may want to do with things of a tier. */
export const DEEDS = ["register", "contribute", "approve", "release", "withdraw"] as const;
export const Deed = z.enum(DEEDS);
export type Deed = z.infer<typeof Deed>;

const filters = {
  /** The viewer's own institution when left out; the platform's people may look into any. */
  institution: Slug.optional(),
  "filter[role]": Role.optional(),
  "filter[scope]": Scope.optional(),
};
export const AccessReviewQuery = PageQuery.extend(filters);
export type AccessReviewQuery = z.infer<typeof AccessReviewQuery>;
export const ExportAccessReview = z.strictObject(filters);
export type ExportAccessReview = z.infer<typeof ExportAccessReview>;

/** One person: what they may do, which of their roles makes it so, who gave them these roles, and what they hold that acts for them. */
export const PersonAccess = z.strictObject({
  user: AccountId,
  name: z.string(),
  email: z.string(),
  institution: Slug,
  roles: z.array(Role),
  since: Timestamp,
  /** The last time that somebody gave or changed the roles; null for the first administrator. */
  granted: z.strictObject({ by: z.string(), at: Timestamp }).nullable(),
  /** Roles of the institution's own, by name. */
  customRoles: z.array(z.string()),
  /** Of an engineer: the tiers they work at. */
  tiers: z.array(SharedTier),
  /** Of a service account: what it is for, and who answers for it. Null for a person. */
  service: z.strictObject({ purpose: z.string(), responsible: z.string(), isActive: z.boolean() }).nullable(),
  /** `because`: built-in roles, and the names of the institution's own. */
  scopes: z.array(z.strictObject({ scope: Scope, because: z.array(z.string()) })),
  deeds: z.array(z.strictObject({ tier: Tier, deed: Deed, because: z.array(z.string()) })),
  /** Null where the viewer is of another institution: what people hold is their institution's own business. */
  credentials: z
    .strictObject({
      /** Whether a code is asked for when they sign in. */
      hasSecondFactor: z.boolean(),
      passkeys: z.number().int(),
      sessions: z.number().int(),
      lastSeenAt: Timestamp.nullable(),
      tokens: z.array(
        z.strictObject({
          id: idOf("token"),
          name: z.string(),
          /** What it may do now: what it was made for, as far as its owner's roles still allow. */
          scopes: z.array(Scope),
          createdAt: Timestamp,
          expiresAt: Timestamp,
          lastUsedAt: Timestamp.nullable(),
        }),
      ),
    })
    .nullable(),
});
export type PersonAccess = z.infer<typeof PersonAccess>;

/** Work that goes on in somebody's name, whatever became of them: imports and jobs that are not over. */
export const RunningWorkQuery = PageQuery.extend({
  institution: Slug.optional(),
  /** Of one account alone. */
  "filter[user]": AccountId.optional(),
  /** Of people and service accounts that are gone. */
  "filter[left]": z.literal("true").optional(),
});
export type RunningWorkQuery = z.infer<typeof RunningWorkQuery>;
const work = {
  model: ModelRef,
  begunBy: z.strictObject({ id: z.string(), name: z.string(), hasLeft: z.boolean() }),
  since: Timestamp,
  /** Whether the viewer may cancel it, and why not. */
  cancel: z.strictObject({ allowed: z.boolean(), reason: z.string().nullable() }),
};
export const RunningWork = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("import"), id: ImportId, state: ImportState, ...work }),
  z.strictObject({ kind: z.literal("job"), id: JobId, state: JobState, ...work }),
]);
export type RunningWork = z.infer<typeof RunningWork>;
