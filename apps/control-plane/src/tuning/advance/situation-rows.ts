import { Estimate, JobResources, JobWindow } from "@ziggurat/contracts";
import { type Holding, INTERACTIVE_LIMITS, type Seconds, type Waiting } from "@ziggurat/scheduling";
import type { HoldingRow, QueuedRow } from "./situation.repository.js";

/** A queued job as admission sees it. */
export function waitingOf(row: QueuedRow): Waiting {
  const resources = JobResources.parse(row.resources);
  return {
    id: row.id,
    institution: row.institution_id,
    tier: row.tier,
    priority: row.priority,
    resources,
    queuedAt: row.queued_at.getTime(),
    waitingSince: (row.waiting_since ?? row.queued_at).getTime(),
    seconds: secondsOf(row.estimate, 1 - row.done),
    limitSeconds: limitSecondsOf(row, row.ran),
    window: JobWindow.safeParse(row.run_window).data ?? null,
    notBefore: row.not_before?.getTime() ?? null,
    sensitivity: row.sensitivity,
    // What the shared tiers learn from is bound to no place.
    region: row.tier === "institution" ? row.region : null,
    gpuMemoryBytes: gpuMemoryOf(row.estimate, resources),
    lastCluster: row.last_cluster,
  };
}

/** A live attempt as admission sees it. */
export function holdingOf(row: HoldingRow, now: number): Holding {
  const startedAt = row.held_since.getTime();
  const limit = limitSecondsOf(row, 0);
  return {
    id: row.id,
    institution: row.institution_id,
    tier: row.tier,
    priority: row.priority,
    resources: JobResources.parse(row.resources),
    cluster: row.cluster,
    pool: row.pool,
    startedAt,
    remainingSeconds: remainingOf(row, (now - startedAt) / 1000),
    endsBy: limit === null ? null : startedAt + limit * 1000,
    window: JobWindow.safeParse(row.run_window).data ?? null,
    isPreemptible: row.is_preemptible,
    checkpointAt: row.checkpoint_at?.getTime() ?? null,
    preemptions: row.preemptions,
    isYielding: row.is_yielding,
  };
}

/** Seconds that a job may still run by its own limits. */
export function limitSecondsOf({ priority, max_seconds }: Pick<QueuedRow, "priority" | "max_seconds">, ran: number): number | null {
  const limits = [...(max_seconds === null ? [] : [max_seconds]), ...(priority === "interactive" ? [INTERACTIVE_LIMITS.seconds] : [])];
  return limits.length === 0 ? null : Math.max(1, Math.min(...limits) - ran);
}

/** What the trainer says of itself goes before what was estimated. */
function remainingOf({ eta, estimate }: HoldingRow, ran: number): Seconds {
  if (eta !== null) return { low: eta * 0.8, high: eta * 1.5 + 10 };
  const seconds = secondsOf(estimate, 1);
  return seconds === null ? null : { low: Math.max(0, seconds.low - ran), high: Math.max(10, seconds.high - ran) };
}

function secondsOf(estimate: unknown, part: number): Seconds {
  const seconds = Estimate.safeParse(estimate).data?.seconds;
  return seconds === undefined ? null : { low: seconds.low * part, high: seconds.high * part };
}

/** What each GPU needs even if the whole were split evenly over all of them. */
function gpuMemoryOf(estimate: unknown, { nodes, gpusPerNode }: JobResources): number | null {
  const bytes = Estimate.safeParse(estimate).data?.memoryBytes;
  return bytes === undefined || gpusPerNode === 0 ? null : Math.ceil(bytes / (nodes * gpusPerNode));
}
