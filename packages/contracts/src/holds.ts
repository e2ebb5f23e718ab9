import { z } from "zod";
import { idOf, ModelRef, PageQuery, Slug, Timestamp, VersionRef } from "./primitives.js";

export const HoldId = idOf("hold");
export type HoldId = z.infer<typeof HoldId>;

export const HOLD_KINDS = ["version", "model", "dataset", "institution"] as const;
export const HoldKind = z.enum(HOLD_KINDS);
export type HoldKind = z.infer<typeof HoldKind>;

/** What is held: one model version, a whole model, one dataset version, or everything of an institution. */
const subject = {
  version: VersionRef.optional(),
  model: ModelRef.optional(),
  dataset: VersionRef.optional(),
  institution: Slug.optional(),
};

/** A legal hold in force keeps its subject from deletion by anyone. It is set at once, and lifted by two people. */
export const CreateHold = z
  .strictObject({
    ...subject,
    reason: z.string().trim().min(1, "say why it is held").max(2000),
    /** Number of the case or order behind it. */
    reference: z.string().trim().min(1).max(200).optional(),
  })
  .refine((hold) => HOLD_KINDS.filter((kind) => hold[kind] !== undefined).length === 1, {
    message: "name exactly one of version, model, dataset and institution",
    path: ["version"],
  });
export type CreateHold = z.infer<typeof CreateHold>;

export const AskLift = z.strictObject({ reason: z.string().trim().min(1, "say why it can be lifted").max(2000) });
export type AskLift = z.infer<typeof AskLift>;

export const HOLD_STATES = ["in_force", "lift_asked", "lifted"] as const;
export const HoldState = z.enum(HOLD_STATES);
export type HoldState = z.infer<typeof HoldState>;

export const HOLD_ACTIONS = ["ask_lift", "confirm_lift", "withdraw_lift"] as const;
export const HoldAction = z.enum(HOLD_ACTIONS);
export type HoldAction = z.infer<typeof HoldAction>;

export const Hold = z.strictObject({
  id: HoldId,
  subject: z.strictObject({ kind: HoldKind, ref: z.string() }),
  /** Institution that owns what is held. */
  owner: Slug,
  state: HoldState,
  reason: z.string(),
  reference: z.string().nullable(),
  setAt: Timestamp,
  setBy: z.string(),
  /** Institution whose people set it, and alone may lift it. */
  setFor: Slug,
  /** The first of the two words that lift it; null while nobody asked. */
  lift: z.strictObject({ reason: z.string(), askedBy: z.string(), askedAt: Timestamp }).nullable(),
  liftedAt: Timestamp.nullable(),
  liftedBy: z.string().nullable(),
  /** What this viewer may do now. */
  actions: z.array(HoldAction),
});
export type Hold = z.infer<typeof Hold>;

export const ListHolds = PageQuery.omit({ include: true }).extend({
  "filter[open]": z.enum(["true", "false"]).optional(),
  /** Only holds on exactly this: `ns/slug@n` of a version or dataset version, `ns/slug` of a model, or an institution's slug. */
  "filter[subject]": z.string().max(140).optional(),
});
export type ListHolds = z.infer<typeof ListHolds>;
