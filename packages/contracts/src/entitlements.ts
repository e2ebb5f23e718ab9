import { z } from "zod";
import { idOf, ModelRef, PageQuery, Slug, Timestamp, VersionRef } from "./primitives.js";
import { RecallId } from "./recalls.js";
import { Scenario, Tier } from "./vocabulary.js";

/**
 * What an institution may do with a shared line that is not open to all. `see`: find it and read about it. `derive`: make task models of
 * it. `serve`: release task models that stand on it. Each of the others includes `see`.
 */
export const RIGHTS = ["see", "derive", "serve"] as const;
export const Right = z.enum(RIGHTS);
export type Right = z.infer<typeof Right>;

export const ENTITLEMENT_STATES = ["pending", "in_force", "suspended", "ended"] as const;
/** `suspended`: by a recall of the version it names, until that is lifted. */
export const EntitlementState = z.enum(ENTITLEMENT_STATES);
export type EntitlementState = z.infer<typeof EntitlementState>;

/** Lets an institution use a shared model line (`ns/slug`) or one version of it (`ns/slug@n`). */
export const GrantEntitlement = z.strictObject({
  subject: z.union([ModelRef, VersionRef]),
  rights: z
    .array(Right)
    .min(1)
    .refine((rights) => new Set(rights).size === rights.length, "each right once"),
  /** Task models of the institution that may stand on the line; any number when left out. */
  maxTaskModels: z.number().int().min(1).max(10_000).optional(),
  /** What task models may be for; anything when left out. */
  scenarios: z.array(Scenario).min(1).optional(),
  /** From now on when left out. */
  startsAt: Timestamp.optional(),
  /** Without end when left out. */
  endsAt: Timestamp.optional(),
  reason: z.string().trim().min(1).max(2000),
});
export type GrantEntitlement = z.infer<typeof GrantEntitlement>;
export type GrantEntitlementInput = z.input<typeof GrantEntitlement>;

export const EndEntitlement = z.strictObject({ reason: z.string().trim().min(1).max(2000) });
export type EndEntitlement = z.infer<typeof EndEntitlement>;

export const Entitlement = z.strictObject({
  id: idOf("entitlement"),
  institution: Slug,
  subject: z.union([ModelRef, VersionRef]),
  tier: Tier,
  rights: z.array(Right),
  maxTaskModels: z.number().int().nullable(),
  /** Null: any. */
  scenarios: z.array(Scenario).nullable(),
  startsAt: Timestamp,
  endsAt: Timestamp.nullable(),
  state: EntitlementState,
  reason: z.string(),
  grantedBy: z.string(),
  grantedAt: Timestamp,
  endedAt: Timestamp.nullable(),
  endedBy: z.string().nullable(),
  endReason: z.string().nullable(),
  suspendedBy: RecallId.nullable(),
  /** Models of the institution that stand on the line now. */
  taskModels: z.number().int(),
});
export type Entitlement = z.infer<typeof Entitlement>;
export const ListEntitlements = PageQuery.extend({ "filter[state]": EntitlementState.optional() });
export type ListEntitlements = z.infer<typeof ListEntitlements>;

/** Who may use a shared line, and who stands on it: for the platform's people, before they open, close or end anything. */
export const LineAccess = z.strictObject({
  model: ModelRef,
  /** Whether every institution may see it, derive from it and serve it. */
  isOpen: z.boolean(),
  institutions: z.array(
    z.strictObject({
      institution: Slug,
      /** Rights in force now, of the line or of one of its versions. */
      rights: z.array(Right),
      endsAt: Timestamp.nullable(),
      /** Models of the institution that stand on the line. */
      taskModels: z.number().int(),
    }),
  ),
});
export type LineAccess = z.infer<typeof LineAccess>;
/** Opens a shared line to every institution, or closes it to all that are not entitled. */
export const SetLineAccess = z.strictObject({ isOpen: z.boolean(), reason: z.string().trim().min(1).max(2000) });
export type SetLineAccess = z.infer<typeof SetLineAccess>;
