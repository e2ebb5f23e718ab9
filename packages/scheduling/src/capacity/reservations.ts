import type { Tier, Violation } from "@ziggurat/contracts";
import type { ClusterState } from "../placement/cluster-state.js";
import { totalOf } from "../placement/cluster-state.js";
import { type Floor, floorUnits } from "./floors.js";

/** Units of a pool that are held for an institution, or for a tier's work, between two instants in milliseconds. */
export interface Reservation {
  readonly id: string;
  /** Null: for any institution. */
  readonly institution: string | null;
  /** Null: for work of any tier. */
  readonly tier: Tier | null;
  readonly cluster: string;
  readonly pool: string;
  readonly units: number;
  readonly from: number;
  readonly until: number;
}

/** What stands in the way of one more reservation: a pool that is not there, times that make no sense, or no room beside what is held already. */
export function checkReservation(
  wanted: Reservation,
  existing: readonly Reservation[],
  clusters: readonly ClusterState[],
  floors: readonly Floor[],
): Violation[] {
  const pool = clusters.find(({ name }) => name === wanted.cluster)?.pools.find(({ name }) => name === wanted.pool);
  if (pool === undefined) {
    const detail = `there is no pool ${wanted.pool} on a cluster ${wanted.cluster}`;
    return [{ code: "reservation_pool", detail, pointer: "/pool" }];
  }
  const found: Violation[] = [];
  if (wanted.until <= wanted.from) {
    const detail = "it ends before it begins";
    found.push({ code: "reservation_times", detail, pointer: "/until" });
  }
  const beside = existing.filter(({ id, cluster, pool }) => id !== wanted.id && cluster === wanted.cluster && pool === wanted.pool);
  const kept = floors.reduce((sum, floor) => sum + floorUnits(floor, wanted.cluster, pool), 0);
  const left = totalOf(pool).units - kept - mostAtOnce(beside, wanted.from, wanted.until);
  if (wanted.units > left) {
    const detail = `${wanted.units} wanted, ${Math.max(0, left)} left beside what is reserved at that time and kept for tiers; ask for fewer, or for another time`;
    found.push({ code: "reservation_overlap", detail, pointer: "/units" });
  }
  return found;
}

/** The most that is reserved at one instant between two. */
function mostAtOnce(reservations: readonly Reservation[], from: number, until: number): number {
  const overlapping = reservations.filter((one) => one.from < until && one.until > from);
  const starts = [from, ...overlapping.map((one) => one.from).filter((at) => at > from)];
  return Math.max(0, ...starts.map((at) => overlapping.reduce((sum, one) => sum + (one.from <= at && at < one.until ? one.units : 0), 0)));
}
