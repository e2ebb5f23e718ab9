import type { Situation } from "../admission/situation.js";
import { floorUnits } from "../capacity/floors.js";
import { amountOn, totalOf } from "../placement/cluster-state.js";

/** A promise that was not kept at an instant, in seconds. */
export interface Breach {
  readonly at: number;
  readonly kind: "capacity" | "floor" | "reservation";
  readonly detail: string;
}

/** Counts anew, from the runs alone, whether more is taken than there is, or than floors and reservations leave to others. */
export function breachesOf({ clusters, holding, floors, reservations, now }: Situation, at: number): Breach[] {
  return clusters.flatMap((cluster) =>
    cluster.pools.flatMap((pool): Breach[] => {
      const runs = holding.filter((run) => run.cluster === cluster.name && run.pool === pool.name);
      const total = totalOf(pool).units;
      const unitsOf = (some: typeof runs): number => some.reduce((sum, { resources }) => sum + amountOn(pool, resources).units, 0);
      const where = `${cluster.name}/${pool.name}`;
      const found: Breach[] = [];
      if (unitsOf(runs) > total) found.push({ at, kind: "capacity", detail: `${where}: ${unitsOf(runs)} of ${total}` });
      for (const floor of floors) {
        const kept = floorUnits(floor, cluster.name, pool);
        const others = unitsOf(runs.filter(({ tier, priority }) => tier !== floor.tier || priority === "bulk"));
        if (others > total - kept)
          found.push({ at, kind: "floor", detail: `${where}: ${others} by others, ${kept} kept for ${floor.tier}` });
      }
      for (const one of reservations) {
        if (one.cluster !== cluster.name || one.pool !== pool.name || now < one.from || now >= one.until) continue;
        const others = unitsOf(
          runs.filter((run) => (one.institution ?? run.institution) !== run.institution || (one.tier ?? run.tier) !== run.tier),
        );
        if (others > total - one.units)
          found.push({ at, kind: "reservation", detail: `${where}: ${others} by others, ${one.units} reserved` });
      }
      return found;
    }),
  );
}
