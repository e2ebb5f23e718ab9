import type { WaitReason } from "@ziggurat/contracts";

const nothing = { wanted: null, available: null, until: null, who: null } as const;

/** Waits for a person's word. `who` names the role that gives it. */
export function waitsForApproval(who: string): WaitReason {
  return { ...nothing, code: "approval", who, detail: "Waits for approval by an admin of the institution." };
}

/** Waits for a free place. Says nothing of who holds the places, since they may be another institution's. */
export function waitsForCapacity(cluster: string, available: number): WaitReason {
  return { ...nothing, code: "capacity", wanted: 1, available, detail: `Waits for a free place on cluster ${cluster}.` };
}

/** Waits for a cluster that says itself that it cannot run anything. */
export function waitsForCluster(cluster: string, reason: string): WaitReason {
  return { ...nothing, code: "cluster_unhealthy", who: cluster, detail: `Cluster ${cluster} cannot run jobs: ${reason}` };
}

export function waitsWhilePaused(who: string): WaitReason {
  return { ...nothing, code: "paused", who, detail: `Paused by ${who}.` };
}

/** Waits for the `open` evaluation jobs that score its result. */
export function waitsForEvaluation(open: number): WaitReason {
  return { ...nothing, code: "evaluation", wanted: open, detail: `Waits for ${open} evaluation ${open === 1 ? "job" : "jobs"}.` };
}

/** Waits because its institution holds as many places as it may. `who` can have that raised. */
export function waitsForQuota(held: number, places: number, who: string): WaitReason {
  const detail = `Waits for a place within the quota: 1 wanted, ${held} of ${places} in use. Raising it is proposed by ${who} and decided by the platform.`;
  return { ...nothing, code: "quota", wanted: 1, available: Math.max(0, places - held), who, detail };
}
