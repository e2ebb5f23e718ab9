import type { PriorityClass } from "@ziggurat/contracts";
import { INTERACTIVE_LIMITS } from "@ziggurat/scheduling";

/** Seconds a run may take. */
export const RUN_LIMIT_SECONDS = 7 * 24 * 3600;

/** Seconds that this run may take at most: its job's own limit, its class's, or the platform's. Guards stop it sooner where earlier attempts count. */
export function runLimitOf({ max_seconds, priority }: { readonly max_seconds: number | null; readonly priority: PriorityClass }): number {
  return Math.min(max_seconds ?? RUN_LIMIT_SECONDS, priority === "interactive" ? INTERACTIVE_LIMITS.seconds : RUN_LIMIT_SECONDS);
}
