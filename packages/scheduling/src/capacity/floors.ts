import type { Tier, Violation } from "@ziggurat/contracts";
import { type Pool, totalOf } from "../placement/cluster-state.js";

/** A share of every pool that only this tier's work may take, and never its bulk: what a campaign of any size leaves free. */
export interface Floor {
  readonly tier: Tier;
  /** From 0 to 1. */
  readonly share: number;
  /** Null: on every cluster. */
  readonly cluster: string | null;
}

/** What a floor keeps of a pool, in whole units, rounded down. */
export function floorUnits({ share, cluster }: Floor, onCluster: string, pool: Pool): number {
  return cluster === null || cluster === onCluster ? Math.floor(totalOf(pool).units * share + 1e-9) : 0;
}

/** Shares that leave nothing for anybody else. */
export function checkFloors(floors: readonly Floor[]): Violation[] {
  const clusters = [...new Set(floors.map(({ cluster }) => cluster))];
  return clusters.flatMap((cluster) => {
    const sum = floors
      .filter((floor) => floor.cluster === null || floor.cluster === cluster)
      .reduce((total, { share }) => total + share, 0);
    if (sum <= 1) return [];
    const detail = `the floors of ${cluster ?? "every cluster"} are ${Math.round(sum * 100)} % together, more than there is`;
    return [{ code: "floors_exceed", detail, pointer: "/floors" }];
  });
}
