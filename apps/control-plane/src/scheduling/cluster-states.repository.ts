import { Inject, Injectable } from "@nestjs/common";
import type { ClusterDriver } from "@ziggurat/clusters";
import { ClusterAdmits, ClusterFacts, type Driver, NodePool } from "@ziggurat/contracts";
import { type ClusterState, type Pool, placesOnly, priceAt } from "@ziggurat/scheduling";
import { z } from "zod";
import { CLUSTER_DRIVERS, type ClusterDrivers } from "../clusters/cluster-drivers.js";
import { clusterSubject, PricesRepository } from "../metering/prices.repository.js";
import type { Tx } from "../platform/database/unit-of-work.js";

interface ClusterRow {
  readonly id: string;
  readonly name: string;
  readonly driver: Driver;
  readonly slots: number;
  readonly healthy: boolean;
  readonly reason: string | null;
  readonly drained: boolean;
  readonly facts: unknown;
  readonly admits: unknown;
  readonly pools: unknown;
}

export interface KnownCluster extends ClusterState {
  readonly id: string;
}

/** The rows of clusters as the rules of placement see them. */
@Injectable()
export class ClusterStates {
  constructor(
    @Inject(CLUSTER_DRIVERS) private readonly drivers: ClusterDrivers,
    private readonly prices: PricesRepository,
  ) {}

  async all(tx: Tx, now: Date): Promise<KnownCluster[]> {
    const rows = await tx.query<ClusterRow>(
      "select id, name, driver, slots, healthy, reason, drained, facts, admits, pools from clusters order by name",
    );
    const found: KnownCluster[] = [];
    for (const row of rows) {
      const price = priceAt(await this.prices.of(tx, clusterSubject(row.name)), now);
      found.push(stateOf(row, this.drivers.get(row.name), price));
    }
    return found;
  }
}

/** An engine with a queue of its own starts all nodes of a run together; without one nobody promises that. */
function stateOf(row: ClusterRow, driver: ClusterDriver | undefined, pricePerHour: number): KnownCluster {
  const facts = ClusterFacts.parse(row.facts);
  const admits = ClusterAdmits.parse(row.admits);
  const keepsQueue = driver?.keepsQueue ?? false;
  return {
    ...placesOnly(row.name, row.slots),
    id: row.id,
    healthy: row.healthy && driver !== undefined,
    reason: driver === undefined ? "this process has no driver for it" : row.reason,
    drained: row.drained,
    keepsQueue,
    placesGangs: keepsQueue,
    isHome: row.driver === "local",
    location: facts.location,
    tiers: admits.tiers,
    sensitivities: admits.sensitivities,
    pools: poolsOf(row, facts),
    pricePerHour,
  };
}

const Pools = z.array(NodePool);

function poolsOf({ name, slots, pools }: ClusterRow, { gpuType, gpuMemoryBytes }: ClusterFacts): readonly Pool[] {
  const stated = Pools.parse(pools);
  if (stated.length > 0) return stated.map((pool) => ({ ...pool, unitsOut: 0, freeOnNodes: null }));
  return placesOnly(name, slots).pools.map((pool) => (gpuType === null ? pool : { ...pool, name: gpuType, gpuType, gpuMemoryBytes }));
}
