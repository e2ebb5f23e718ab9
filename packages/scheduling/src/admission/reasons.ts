import type { WaitReason } from "@ziggurat/contracts";
import {
  waitsAboveShare,
  waitsAsBulk,
  waitsBehindOthers,
  waitsForBackoff,
  waitsForCapacity,
  waitsForCluster,
  waitsForDrained,
  waitsForFloor,
  waitsForGang,
  waitsForNoCluster,
  waitsForQuota,
  waitsForRejection,
  waitsForReservation,
  waitsForWindow,
  waitsForYield,
} from "../wait-reasons.js";
import type { Decision } from "./decision.js";

/**
 * Why a job does not start, in the order of what would have to change. They are made of the job's own figures and of what the platform states
 * of its clusters: nobody learns who holds what, or how many others wait.
 */
export function reasonsOf({ job, block, isAboveShare }: Decision): WaitReason[] {
  if (block === null) return [];
  switch (block.kind) {
    case "backoff":
      return [waitsForBackoff(iso(block.until))];
    case "window":
      return [waitsForWindow(iso(block.until))];
    case "quota":
      return [waitsForQuota(block.held, block.places, block.units)];
    case "yielding":
      return [waitsForYield(block.cluster, block.units, iso(block.until))];
    case "nowhere":
      return nowhere(block.rejected);
    case "room":
      return [
        ofRoom(block),
        ...(isAboveShare && block.obstacle.code !== "reservation" ? [waitsAboveShare()] : []),
        ...(job.priority === "bulk" ? [waitsAsBulk()] : []),
      ];
  }
}

type Block = NonNullable<Decision["block"]>;

function ofRoom({ obstacle, cluster, units, nodes }: Extract<Block, { kind: "room" }>): WaitReason {
  switch (obstacle.code) {
    case "capacity":
      return waitsForCapacity(cluster, units);
    case "gang":
      return waitsForGang(cluster, nodes);
    case "floor":
      return waitsForFloor(cluster);
    case "reservation":
      return waitsForReservation(cluster, iso(obstacle.until));
    case "behind":
      return waitsBehindOthers(cluster);
  }
}

/** Clusters that will take it again are what it waits for; where there is none, what every cluster objects to. */
function nowhere(rejected: Extract<Block, { kind: "nowhere" }>["rejected"]): WaitReason[] {
  const passing = rejected.flatMap(({ cluster, code, detail }) =>
    code === "unhealthy" ? [waitsForCluster(cluster, detail)] : code === "drained" ? [waitsForDrained(cluster)] : [],
  );
  return passing.length > 0 ? passing : [waitsForNoCluster(rejected.length), ...rejected.flatMap((one) => waitsForRejection(one) ?? [])];
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
