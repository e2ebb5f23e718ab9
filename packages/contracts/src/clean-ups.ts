import { z } from "zod";
import { idOf, PageQuery, Sha256, Slug, Timestamp, VersionRef } from "./primitives.js";
import { Tier, VersionState } from "./vocabulary.js";

export const CleanUpId = idOf("cleanUp");
export type CleanUpId = z.infer<typeof CleanUpId>;

export const CleanUpRuleName = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, "lower-case letters, digits and hyphens, a letter first");
export type CleanUpRuleName = z.infer<typeof CleanUpRuleName>;

/** States out of which a rule may clean up: of no use any more, and not on their way back. */
export const CLEAN_UP_STATES = ["draft", "retired", "recalled"] as const;
export const CleanUpState = z.enum(CLEAN_UP_STATES);
export type CleanUpState = z.infer<typeof CleanUpState>;

/** Which versions a rule takes: of one tier, in one of these states, for so many days. */
const selection = {
  tier: Tier,
  states: z
    .array(CleanUpState)
    .min(1, "name at least one state")
    .refine((states) => new Set(states).size === states.length, "name each state once"),
  ageDays: z.number().int().min(0).max(36_525),
  /** A rule that is switched off can be previewed, not carried out. */
  isEnabled: z.boolean(),
};

/** A rule is never changed: what is sent becomes its next revision, and the newest holds. */
export const PutCleanUpRule = z.strictObject({ ...selection, reason: z.string().trim().min(1, "say why the rule is so").max(2000) });
export type PutCleanUpRule = z.infer<typeof PutCleanUpRule>;

export const CleanUpRule = z.strictObject({
  name: CleanUpRuleName,
  revision: z.number().int(),
  ...selection,
  states: z.array(CleanUpState),
  reason: z.string(),
  setAt: Timestamp,
  setBy: z.string(),
});
export type CleanUpRule = z.infer<typeof CleanUpRule>;

export const CleanUpSubject = z.strictObject({ rule: CleanUpRuleName });
export type CleanUpSubject = z.infer<typeof CleanUpSubject>;

/** A version that a clean-up would take. */
export const CleanUpCandidate = z.strictObject({
  ref: VersionRef,
  tier: Tier,
  owner: Slug,
  state: VersionState,
  /** When it came into this state. */
  since: Timestamp,
  sizeBytes: z.number().int(),
});
export type CleanUpCandidate = z.infer<typeof CleanUpCandidate>;

/** What a rule would take at this moment. Nothing live, held or needed by something live is ever in it. */
export const CleanUpPreview = z.strictObject({
  rule: CleanUpRule,
  /** Mark of all that was found: a clean-up takes exactly that, or is refused. */
  graph: Sha256,
  versions: z.number().int(),
  files: z.number().int(),
  sizeBytes: z.number().int(),
  /** Of those, bytes that nothing else has: the space that comes back. The others stay stored for what shares them. */
  ownBytes: z.number().int(),
  /** Versions that the rule speaks of and that are kept all the same, by the first thing that keeps each. */
  kept: z.array(z.strictObject({ code: z.string(), versions: z.number().int() })),
  /** Whether more than one clean-up can take is there; the rest waits for the next. */
  hasMore: z.boolean(),
  /** The first of them, the longest out of use first. */
  first: z.array(CleanUpCandidate),
});
export type CleanUpPreview = z.infer<typeof CleanUpPreview>;

export const CreateCleanUp = CleanUpSubject.extend({
  graph: Sha256,
  reason: z.string().trim().min(1, "say why now").max(2000),
});
export type CreateCleanUp = z.infer<typeof CreateCleanUp>;

/** One carrying out of a rule. */
export const CleanUp = z.strictObject({
  id: CleanUpId,
  rule: CleanUpRuleName,
  revision: z.number().int(),
  state: z.enum(["executing", "done"]),
  reason: z.string(),
  requestedBy: z.string(),
  createdAt: Timestamp,
  finishedAt: Timestamp.nullable(),
  /** Versions that the preview showed. */
  expected: z.number().int(),
  purged: z.number().int(),
  /** Versions that something came to keep after the preview. */
  kept: z.number().int(),
  /** Bytes of the files that were dropped so far. */
  sizeBytes: z.number().int(),
});
export type CleanUp = z.infer<typeof CleanUp>;

export const CleanUpItem = z.strictObject({
  ref: VersionRef,
  owner: Slug,
  outcome: z.enum(["waiting", "purged", "kept"]),
  /** What keeps it. */
  codes: z.array(z.string()),
});
export type CleanUpItem = z.infer<typeof CleanUpItem>;

export const ListCleanUps = PageQuery.omit({ include: true });
export type ListCleanUps = z.infer<typeof ListCleanUps>;
