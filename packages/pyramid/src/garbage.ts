import type { Violation } from "@ziggurat/contracts";
import { PLATFORM, type ViewerFacts } from "./facts.js";

const HOUR_MS = 3_600_000;

/** What a wish to collect garbage meets. */
export interface CollectionFacts {
  /** Only files that nobody has claimed since then are to go. */
  readonly until: Date;
  readonly now: Date;
  readonly graceHours: number;
  /** Id of the collection under way; null while there is none. */
  readonly open: string | null;
}

/** Why this viewer cannot see or collect garbage, or null: it lies in the store of all institutions. */
export function whyNotGarbage(viewer: ViewerFacts): string | null {
  const isAllowed = viewer.institution === PLATFORM && viewer.roles.includes("platform_admin");
  return isAllowed ? null : "needs the role platform_admin at platform";
}

/** The latest moment since which nobody may have claimed a file that counts as garbage now. */
export function garbageUntil(now: Date, graceHours: number): Date {
  return new Date(now.getTime() - graceHours * HOUR_MS);
}

/** Why garbage cannot be collected so. Codes `garbage_role`, `garbage_until`: files within the grace would go, `garbage_open`: one at a time. */
export function checkCollection(viewer: ViewerFacts, { until, now, graceHours, open }: CollectionFacts): Violation[] {
  const broken: Violation[] = [];
  const denied = whyNotGarbage(viewer);
  if (denied !== null) broken.push({ code: "garbage_role", detail: denied });
  const latest = garbageUntil(now, graceHours);
  if (until.getTime() > latest.getTime()) {
    const detail = `files are kept for ${graceHours} hours after they were brought; name ${latest.toISOString()} or an earlier moment`;
    broken.push({ code: "garbage_until", detail, pointer: "/until" });
  }
  if (open !== null) broken.push({ code: "garbage_open", detail: `${open} is under way; wait until it is done` });
  return broken;
}
