import { Injectable } from "@nestjs/common";
import type { ClusterHealth } from "@ziggurat/clusters";
import { Cluster } from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";

/** Attempts in these states hold a place on their cluster. */
export const LIVE_ATTEMPT_STATES = ["submitting", "queued", "scheduling", "running"] as const;

interface ClusterRow {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly slots: number;
  readonly used: number;
  readonly healthy: boolean;
  readonly reason: string | null;
  readonly remedy: string | null;
  readonly device: string | null;
  readonly checked_at: Date;
}

@Injectable()
export class ClustersRepository {
  /** Clusters with the places in use, as far as the viewer may see who holds them. */
  async list(tx: Tx): Promise<Cluster[]> {
    const rows = await tx.query<ClusterRow>(
      `select c.*, (select count(*)::int from attempts a where a.cluster_id = c.id and a.state = any($1)) as used
       from clusters c order by c.name`,
      [LIVE_ATTEMPT_STATES],
    );
    return rows.map(clusterOf);
  }

  /** Registers a cluster or brings its number of places up to date. */
  async register(tx: Tx, name: string, driver: string, slots: number): Promise<void> {
    await tx.query(
      `insert into clusters (id, name, driver, slots, reason) values ($1, $2, $3, $4, 'Not looked at yet.')
       on conflict (name) do update set slots = excluded.slots where clusters.slots <> excluded.slots`,
      [newId("cluster"), name, driver, slots],
    );
  }

  /** @returns whether the cluster became healthy or unhealthy by this */
  async recordHealth(tx: Tx, name: string, health: ClusterHealth): Promise<boolean> {
    const [before] = await tx.query<{ healthy: boolean }>("select healthy from clusters where name = $1 for update", [name]);
    await tx.query("update clusters set healthy = $2, reason = $3, remedy = $4, device = $5, checked_at = now() where name = $1", [
      name,
      health.healthy,
      health.healthy ? null : health.reason,
      health.healthy ? null : health.remedy,
      health.healthy ? health.device : null,
    ]);
    return before !== undefined && before.healthy !== health.healthy;
  }
}

function clusterOf(row: ClusterRow): Cluster {
  return Cluster.parse({
    id: row.id,
    name: row.name,
    driver: row.driver,
    slots: row.slots,
    used: row.used,
    healthy: row.healthy,
    reason: row.reason,
    remedy: row.remedy,
    checkedAt: row.checked_at.toISOString(),
    device: row.device,
  });
}
