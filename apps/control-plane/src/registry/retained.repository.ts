import { Injectable } from "@nestjs/common";
import type { Purged } from "@ziggurat/contracts";
import type { Tx } from "../platform/database/unit-of-work.js";

/** Whether a legal hold in force keeps version `v`: one on itself, on its model, or on everything of its institution. */
export const VERSION_IS_HELD = `exists (select 1 from legal_holds h where h.lifted_at is null
  and (h.version_id = v.id or h.model_id = v.model_id or h.held_institution_id = v.institution_id))`;

interface PurgedRow {
  readonly id: string;
  readonly purged_at: Date;
  readonly purged_by_name: string;
  readonly reason: string;
}

/** What legal holds keep and what was purged, as far as the viewer may know. */
@Injectable()
export class RetainedRepository {
  async heldVersions(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ id: string }>(`select v.id from versions v where v.id = any($1) and ${VERSION_IS_HELD}`, [ids]);
    return new Set(rows.map(({ id }) => id));
  }

  async heldDatasets(tx: Tx, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await tx.query<{ id: string }>(
      `select d.id from dataset_versions d where d.id = any($1) and exists (select 1 from legal_holds h where h.lifted_at is null
         and (h.dataset_version_id = d.id or h.held_institution_id = d.institution_id))`,
      [ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  purgedVersions(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, Purged>> {
    return this.purged(tx, "version_id", ids);
  }

  purgedDatasets(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, Purged>> {
    return this.purged(tx, "dataset_version_id", ids);
  }

  private async purged(tx: Tx, column: "version_id" | "dataset_version_id", ids: readonly string[]): Promise<ReadonlyMap<string, Purged>> {
    const rows = await tx.query<PurgedRow>(
      `select ${column} as id, purged_at, purged_by_name, reason from tombstones where ${column} = any($1)`,
      [ids],
    );
    return new Map(
      rows.map(({ id, purged_at, purged_by_name, reason }) => [id, { at: purged_at.toISOString(), by: purged_by_name, reason }]),
    );
  }
}
