import type { Placement, PlacementGround, PlacementRejection } from "@ziggurat/contracts";
import type { Match, Rejected } from "./match-clusters.js";

/** Something that a job may take, with how full its pool is. */
export interface Pickable {
  readonly match: Match;
  readonly ledger: { readonly freeUnits: number; readonly totalUnits: number };
}

export interface Picked<O> {
  readonly option: O;
  readonly placement: Placement;
}

/**
 * Of the pools with room the one to take, and why, with why every other cluster was not. CPU work stays off GPU nodes where it can; then the
 * cheapest is taken, then the one with the largest part free. Names break ties.
 */
export function pickPool<O extends Pickable>(
  lastCluster: string | null,
  options: readonly O[],
  free: readonly O[],
  rejected: readonly Rejected[],
): Picked<O> | null {
  const [best, ...others] = [...free].sort(byPreference);
  if (best === undefined) return null;
  const { cluster } = best.match;
  const full = options.filter((option) => !free.includes(option)).map(({ match }) => match.cluster.name);
  const dearer = others.filter(({ match }) => match.cluster.pricePerHour > cluster.pricePerHour).map(({ match }) => match.cluster.name);
  const busier = others.filter(({ match }) => match.cluster.pricePerHour === cluster.pricePerHour).map(({ match }) => match.cluster.name);
  const left = [
    ...named(full, "full", "it has no room now"),
    ...named(dearer, "costlier", "another costs less"),
    ...named(busier, "busier", "another has more room"),
  ].filter((one) => one.cluster !== cluster.name);
  return {
    option: best,
    placement: {
      cluster: cluster.name,
      chosenBecause: groundOf(cluster.name, lastCluster, left),
      rejected: onceEach([...rejected, ...left]),
    },
  };
}

function groundOf(cluster: string, lastCluster: string | null, left: readonly Rejected[]): PlacementGround {
  if (cluster === lastCluster) return "checkpoint";
  const codes = new Set<PlacementRejection>(left.map(({ code }) => code));
  if (codes.has("costlier")) return "cheapest";
  if (codes.has("busier")) return "least_busy";
  return codes.has("full") ? "free" : "only_match";
}

function byPreference(a: Pickable, b: Pickable): number {
  return (
    Number(a.match.pool.gpuType !== null) - Number(b.match.pool.gpuType !== null) ||
    a.match.cluster.pricePerHour - b.match.cluster.pricePerHour ||
    partFree(b) - partFree(a) ||
    (nameOf(a) < nameOf(b) ? -1 : 1)
  );
}

function partFree({ ledger }: Pickable): number {
  return ledger.totalUnits === 0 ? 0 : ledger.freeUnits / ledger.totalUnits;
}

function nameOf({ match }: Pickable): string {
  return `${match.cluster.name} ${match.pool.name}`;
}

function named(clusters: readonly string[], code: PlacementRejection, detail: string): Rejected[] {
  return [...new Set(clusters)].map((cluster) => ({ cluster, code, detail }));
}

/** A cluster with several pools says why once. */
function onceEach(rejected: readonly Rejected[]): Rejected[] {
  const seen = new Set<string>();
  return rejected.filter(({ cluster }) => !seen.has(cluster) && seen.add(cluster));
}
