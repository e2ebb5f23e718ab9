import { Injectable } from "@nestjs/common";
import { type PurgeSubject, parseVersionRef } from "@ziggurat/contracts";
import { newId } from "../platform/database/ids.js";
import type { Tx } from "../platform/database/unit-of-work.js";
import { type PurgeTarget, SELECT_TOMBSTONE, type TombstoneRow } from "./purge-row.js";

/** What a tombstone says besides whose it is. */
export interface Dropped {
  readonly state: string | null;
  readonly files: number;
  readonly sizeBytes: number;
  readonly reason: string;
}

@Injectable()
export class PurgesRepository {
  /** What a request names, as far as the viewer sees it. */
  async find(tx: Tx, { version, dataset }: PurgeSubject): Promise<PurgeTarget | null> {
    const kind = version === undefined ? "dataset" : "version";
    const ref = version ?? dataset ?? "";
    const { namespace, slug, number } = parseVersionRef(ref);
    const [row] = await tx.query<{ id: string; institution_id: string; owner: string; model_id: string | null }>(FIND[kind], [
      namespace,
      slug,
      number,
    ]);
    if (row === undefined) return null;
    return { kind, ref, id: row.id, institutionId: row.institution_id, owner: row.owner, modelId: row.model_id };
  }

  /**
   * Takes things for itself and shares what holds can be set on: a hold, a derivation or a job that comes now waits, and finds the
   * tombstone; one that came before is waited for, and found. In the order in which others lock: institutions, models, versions.
   */
  async lock(tx: Tx, targets: readonly PurgeTarget[]): Promise<void> {
    const idsOf = (kind: PurgeTarget["kind"]) => targets.filter((target) => target.kind === kind).map(({ id }) => id);
    await tx.query("select 1 from institutions where id = any($1) order by id for share", [
      targets.map(({ institutionId }) => institutionId),
    ]);
    await tx.query("select 1 from models where id = any($1) order by id for share", [targets.flatMap(({ modelId }) => modelId ?? [])]);
    await tx.query("select 1 from versions where id = any($1) order by id for update", [idsOf("version")]);
    await tx.query("select 1 from dataset_versions where id = any($1) order by id for update", [idsOf("dataset")]);
  }

  /** Writes the tombstone, keeps the list of files and lets go of the files themselves. The bytes go when nothing refers to them. */
  async drop(tx: Tx, target: PurgeTarget, { state, files, sizeBytes, reason }: Dropped): Promise<string> {
    const id = newId("tombstone");
    await tx.query(
      `insert into tombstones (id, institution_id, ${target.kind === "version" ? "version_id" : "dataset_version_id"}, reason, purged_by,
         purged_by_name, state_before, files, size_bytes) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [id, target.institutionId, target.id, reason, tx.viewer.userId, tx.viewer.name, state, files, sizeBytes],
    );
    const digests = target.kind === "version" ? await this.dropFiles(tx, target.id) : await this.dropRows(tx, target.id);
    await this.dropGrants(tx, target.institutionId, digests);
    return id;
  }

  async view(tx: Tx, id: string): Promise<TombstoneRow | null> {
    const [row] = await tx.query<TombstoneRow>(`${SELECT_TOMBSTONE} and t.id = $1`, [id]);
    return row ?? null;
  }

  list(tx: Tx, before: string | null, limit: number): Promise<TombstoneRow[]> {
    return tx.query<TombstoneRow>(`${SELECT_TOMBSTONE} and ($1::text is null or t.id < $1) order by t.id desc limit $2`, [before, limit]);
  }

  private async dropFiles(tx: Tx, versionId: string): Promise<string[]> {
    await tx.query(
      `insert into purged_files (version_id, institution_id, path, sha256, size_bytes, kind)
       select version_id, institution_id, path, sha256, size_bytes, kind from version_files where version_id = $1`,
      [versionId],
    );
    const rows = await tx.query<{ sha256: string }>("delete from version_files where version_id = $1 returning sha256", [versionId]);
    return rows.map(({ sha256 }) => sha256);
  }

  private async dropRows(tx: Tx, datasetVersionId: string): Promise<string[]> {
    const rows = await tx.query<{ sha256: string }>(
      "update dataset_versions set stored_sha256 = null where id = $1 and stored_sha256 is not null returning sha256",
      [datasetVersionId],
    );
    return rows.map(({ sha256 }) => sha256);
  }

  /** The owner's own right to read bytes by digest ends with the last thing of its own that has them. */
  private async dropGrants(tx: Tx, institutionId: string, digests: readonly string[]): Promise<void> {
    await tx.query(
      `delete from blob_grants g where g.institution_id = $1 and g.sha256 = any($2)
         and not exists (select 1 from version_files f where f.sha256 = g.sha256 and f.institution_id = $1)
         and not exists (select 1 from dataset_versions d where d.stored_sha256 = g.sha256 and d.institution_id = $1)
         and not exists (select 1 from evaluations e where e.items_sha256 = g.sha256 and e.institution_id = $1)
         and not exists (select 1 from import_files f join imports i on i.id = f.import_id
           where f.stored_sha256 = g.sha256 and f.institution_id = $1 and i.state in ('resolving', 'transferring'))`,
      [institutionId, digests],
    );
  }
}

const FIND = {
  version: `select v.id, v.institution_id, i.slug as owner, v.model_id from versions v join models m on m.id = v.model_id
    join institutions i on i.id = v.institution_id where m.namespace = $1 and m.slug = $2 and v.number = $3`,
  dataset: `select v.id, v.institution_id, i.slug as owner, null as model_id from dataset_versions v join datasets d on d.id = v.dataset_id
    join institutions i on i.id = v.institution_id where d.namespace = $1 and d.slug = $2 and v.number = $3`,
} as const;
