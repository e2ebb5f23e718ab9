import { PRIORITY_CLASSES, type PriorityClass } from "@ziggurat/contracts";

/** What interactive work may be: short and small, since it goes before the rest of its institution. */
export const INTERACTIVE_LIMITS = { nodes: 1, seconds: 4 * 3600 } as const;

/** Lower goes first. */
export function rankOf(priority: PriorityClass): number {
  return PRIORITY_CLASSES.indexOf(priority);
}

/** Seconds of waiting after which a job counts as one of the next higher class; `ordered` has none above it. */
export type AgesAfter = Readonly<Record<Exclude<PriorityClass, "ordered">, number>>;

/**
 * The rank a job has after so many seconds of waiting: one class up for each span, never up to `ordered`. Within a rank the order is that of
 * arrival, so whoever waits is overtaken for a bounded time only.
 */
export function agedRank(priority: PriorityClass, waitedSeconds: number, after: AgesAfter): number {
  if (priority === "bulk" && waitedSeconds >= after.bulk) {
    return waitedSeconds >= after.bulk + after.standard ? rankOf("interactive") : rankOf("standard");
  }
  if (priority === "standard" && waitedSeconds >= after.standard) return rankOf("interactive");
  return rankOf(priority);
}

/** Whether it has waited longer than its class should. */
export function isOverdue(priority: PriorityClass, waitedSeconds: number, after: AgesAfter): boolean {
  return priority !== "ordered" && waitedSeconds >= after[priority];
}
