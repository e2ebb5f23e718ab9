import { z } from "zod";

/** What somebody may have had a hand in before a version, or the job that makes it, is approved. */
export const CONTRIBUTIONS = ["requested", "registered", "uploaded", "supplied_data", "trained", "evaluated", "submitted", "proposed"] as const;
/**
 * `requested`: the job it comes from. `registered`: the version itself, by hand or by an import. `uploaded`: files of it. `supplied_data`: rows
 * it learnt from or is scored on. `trained`: had a run of it taken up again. `evaluated`: had it scored. `submitted`: sealed it, or handed it
 * in for review. `proposed`: the very change that waits for a second person.
 */
export const ContributionKind = z.enum(CONTRIBUTIONS);
export type ContributionKind = z.infer<typeof ContributionKind>;

/** Somebody who had a hand in a version, and may therefore not approve it. */
export const Contributor = z.strictObject({
  name: z.string(),
  contributions: z.array(ContributionKind),
  /** Whether that is the viewer, under whichever account. */
  isViewer: z.boolean(),
});
export type Contributor = z.infer<typeof Contributor>;
