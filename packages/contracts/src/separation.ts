import { z } from "zod";

/** What somebody may have had a hand in before a version, or the job that makes it, is approved. */
export const CONTRIBUTIONS = [
  "requested",
  "registered",
  "uploaded",
  "supplied_data",
  "trained",
  "evaluated",
  "submitted",
  "proposed",
] as const;
/**
 * `requested`: the job it comes from. `registered`: the version itself, by hand or by an import. `uploaded`: files of it. `supplied_data`: rows
 * it learnt from or is scored on. `trained`: had a run of it taken up again. `evaluated`: had it scored. `submitted`: sealed it, or handed it
 * in for review. `proposed`: the very change that waits for a second person.
 */
export const ContributionKind = z.enum(CONTRIBUTIONS);
export type ContributionKind = z.infer<typeof ContributionKind>;

const WORK = ["requested", "registered", "uploaded", "supplied_data", "trained", "evaluated", "submitted"] as const;
/**
 * Every door at which one person's word stands for another's work, and what keeps somebody from it. `release`: the word for a version. `restore`:
 * out of a quarantine back into use. `recall_lift`: the same for what was recalled. `job_approval`: before new weights are made.
 * `alias_change`: a proposed change of a protected name. `hold_lift`, `quota_change`, `exit_approval`: the second
 * word of two.
 */
export const APPROVAL_DOORS = {
  release: WORK,
  restore: WORK,
  recall_lift: WORK,
  job_approval: ["requested", "supplied_data", "trained"],
  alias_change: [...WORK, "proposed"],
  hold_lift: ["proposed"],
  quota_change: ["proposed"],
  exit_approval: ["proposed"],
} as const satisfies Record<string, readonly ContributionKind[]>;
export type ApprovalDoor = keyof typeof APPROVAL_DOORS;

/** Somebody who had a hand in a version, and may therefore not approve it. */
export const Contributor = z.strictObject({
  name: z.string(),
  contributions: z.array(ContributionKind),
  /** Whether that is the viewer, under whichever account. */
  isViewer: z.boolean(),
});
export type Contributor = z.infer<typeof Contributor>;
