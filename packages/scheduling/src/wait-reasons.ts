import type { WaitReason } from "@ziggurat/contracts";
import type { Rejected } from "./placement/match-clusters.js";
import { QUOTA_PROPOSERS } from "./quota.js";

const nothing = { wanted: null, available: null, until: null, who: null } as const;
const OPERATORS = "platform_admin";

/** Waits for a person's word. `who` names the role that gives it. */
export function waitsForApproval(who: string): WaitReason {
  return { ...nothing, code: "approval", who, detail: "Waits for approval by an admin of the institution." };
}

export function waitsWhilePaused(who: string): WaitReason {
  return { ...nothing, code: "paused", who, detail: `Paused by ${who}.` };
}

/** Waits for the `open` evaluation jobs that score its result. */
export function waitsForEvaluation(open: number): WaitReason {
  return { ...nothing, code: "evaluation", wanted: open, detail: `Waits for ${open} evaluation ${open === 1 ? "job" : "jobs"}.` };
}

/** Waits until its next attempt is due. */
export function waitsForBackoff(until: string | null): WaitReason {
  return { ...nothing, code: "backoff", until, detail: "Waits before it is tried again." };
}

/** Waits until its own window opens. */
export function waitsForWindow(until: string | null): WaitReason {
  return { ...nothing, code: "window", until, detail: "Waits until its window opens." };
}

/** Waits because its institution holds as many places as it may. */
export function waitsForQuota(held: number, places: number, wanted = 1): WaitReason {
  const detail = `Waits for ${wanted === 1 ? "a place" : `${wanted} places`} within the quota: ${wanted} wanted, ${held} of ${places} in use. Raising it is proposed by ${QUOTA_PROPOSERS[0]} and decided by the platform.`;
  return { ...nothing, code: "quota", wanted, available: Math.max(0, places - held), who: QUOTA_PROPOSERS[0], detail };
}

/** Waits for free places. Says nothing of who holds them, or how many are free beside them, since they may be another institution's. */
export function waitsForCapacity(cluster: string, wanted: number): WaitReason {
  const what = wanted === 1 ? "a free place" : `${wanted} free places at once`;
  return { ...nothing, code: "capacity", wanted, available: wanted === 1 ? 0 : null, detail: `Waits for ${what} on cluster ${cluster}.` };
}

/** Waits for all of its nodes: some could start, and none starts alone. */
export function waitsForGang(cluster: string, nodes: number): WaitReason {
  return { ...nothing, code: "gang", wanted: nodes, detail: `Waits until ${nodes} nodes of cluster ${cluster} can start together.` };
}

/** Waits although something is free, since that is kept for the daily work of other tiers. */
export function waitsForFloor(cluster: string): WaitReason {
  return {
    ...nothing,
    code: "floor",
    who: OPERATORS,
    detail: `What is free on cluster ${cluster} is kept for the daily work of other tiers.`,
  };
}

/** Waits although something is free, since that is reserved, or will be before this could end. */
export function waitsForReservation(cluster: string, until: string | null): WaitReason {
  return { ...nothing, code: "reservation", until, who: OPERATORS, detail: `What is free on cluster ${cluster} is reserved.` };
}

/** Waits although something is free, since starting now would hold up work ahead that needs more at once. */
export function waitsBehindOthers(cluster: string): WaitReason {
  return { ...nothing, detail: `What is free on cluster ${cluster} is kept for work ahead that needs more at once.`, code: "priority" };
}

/** Bulk starts when nothing of a higher class could. */
export function waitsAsBulk(): WaitReason {
  return { ...nothing, detail: "Bulk work starts when no other work could.", code: "priority" };
}

/** Its institution has had more than its share lately, so others go first for a while. */
export function waitsAboveShare(): WaitReason {
  return { ...nothing, detail: "The institution has had more than its share lately.", code: "fair_share" };
}

/** Other runs were asked to save and stop for it. */
export function waitsForYield(cluster: string, wanted: number, until: string | null): WaitReason {
  return { ...nothing, code: "yielding", wanted, until, detail: `Room is being made for it on cluster ${cluster}.` };
}

/** Waits for a cluster that says itself that it cannot run anything. */
export function waitsForCluster(cluster: string, reason: string): WaitReason {
  return { ...nothing, code: "cluster_unhealthy", who: cluster, detail: `Cluster ${cluster} cannot run jobs: ${reason}` };
}

/** Waits for a cluster that takes nothing new. */
export function waitsForDrained(cluster: string): WaitReason {
  return { ...nothing, code: "cluster_drained", who: OPERATORS, detail: `Cluster ${cluster} is drained and takes no new work.` };
}

/** No cluster may take it; the reasons behind it say why. */
export function waitsForNoCluster(clusters: number): WaitReason {
  const detail = clusters === 0 ? "No cluster is registered." : `None of the clusters may take it (${clusters} in all).`;
  return { ...nothing, code: "no_cluster", who: OPERATORS, detail };
}

/** What one cluster objects to; null for objections that are no reason to wait. */
export function waitsForRejection({ cluster, code, detail }: Rejected): WaitReason | null {
  switch (code) {
    case "tier":
    case "data_class":
    case "location":
    case "gpu_type":
    case "gpu_memory":
    case "too_large":
    case "gang":
      return { ...nothing, code, who: OPERATORS, detail: `Cluster ${cluster}: ${detail}.` };
    case "unhealthy":
    case "drained":
    case "checkpoint":
    case "full":
    case "costlier":
    case "busier":
      return null;
  }
}

/** Its engine has it and does not start it yet. `raw` keeps the engine's own words, for people who know the engine. */
export function waitsAtEngine(cluster: string, code: string, raw: string): WaitReason {
  const said = ENGINE_WORDS[code] ?? "waits at its engine";
  return { ...nothing, code: code === "held" ? "held" : "engine", detail: `On cluster ${cluster} it ${said} (${raw}).` };
}

/** In our words what an engine says; by the codes of the driver port. */
const ENGINE_WORDS: Readonly<Record<string, string>> = {
  capacity: "waits for free nodes",
  priority: "waits for work ahead of it in the engine's own order",
  quota: "waits for the engine's own quota",
  impossible: "can never start as it was asked for",
  held: "is held by an administrator",
  nodes_down: "waits for nodes that are down or drained",
  closed: "waits for a queue that an administrator closed",
  image: "waits for an image that cannot be pulled",
  put_back: "was put back and will start again",
};
