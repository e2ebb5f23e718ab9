import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Inject, Injectable } from "@nestjs/common";
import { CONFIG, type Config } from "../../platform/config.js";
import type { Tx } from "../../platform/database/unit-of-work.js";
import { BLOB_STORE, type BlobStore } from "../../registry/blobs/blob-store.js";
import { familyOf } from "../../tuning/runs/attempt-row.js";
import { exportFolder } from "../archive/archive-file.js";

/** Files of one transaction. */
const BATCH = 100;

/** Nothing of anybody's refers to blob `b`, and nobody brought it for themselves. */
const IS_NOBODYS = `not exists (select from version_files f where f.sha256 = b.sha256)
  and not exists (select from dataset_versions d where d.stored_sha256 = b.sha256)
  and not exists (select from evaluations e where e.items_sha256 = b.sha256)
  and not exists (select from import_files f where f.stored_sha256 = b.sha256)
  and not exists (select from blob_grants g where g.sha256 = b.sha256)`;

/**
 * Removes what an institution had on disk, in the way of the garbage collection: a row is forgotten and noted in one transaction, its file goes
 * in the next, under the lock that an upload of the same bytes takes. What somebody else holds too stays, and nobody is told.
 */
@Injectable()
export class EraseFiles {
  constructor(
    @Inject(BLOB_STORE) private readonly store: BlobStore,
    @Inject(CONFIG) private readonly config: Pick<Config, "dataDir">,
  ) {}

  /** Uploads that were never finished, folders of runs on this machine, and exports. Repeatable: what is gone is no error. */
  async folders(tx: Tx, institutionId: string): Promise<void> {
    for await (const { owner, upload } of this.store.uploads()) if (owner === institutionId) await this.store.discard(owner, upload);
    const attempts = await tx.query<{ key: string; job_id: string }>("select key, job_id from attempts where institution_id = $1", [
      institutionId,
    ]);
    for (const { key } of attempts) await this.removeFolder("runs", key);
    for (const jobId of new Set(attempts.map(({ job_id }) => job_id))) await this.removeFolder("checkpoints", familyOf(jobId));
    await rm(exportFolder(this.config.dataDir, institutionId), { recursive: true, force: true });
  }

  /** Rows of blobs that are nobody's now are forgotten; the others are kept, for whoever holds them. @returns whether there may be more */
  async forget(tx: Tx, exitId: string): Promise<boolean> {
    const rows = await tx.query<{ sha256: string }>(
      `select sha256 from erased_files where exit_id = $1 and fate = 'noted' order by sha256 limit ${BATCH}`,
      [exitId],
    );
    const noted = rows.map(({ sha256 }) => sha256);
    for (const sha256 of noted) await tx.query("select pg_advisory_xact_lock(blob_lock($1))", [sha256]);
    const locked = await tx.query<{ sha256: string }>("select sha256 from blobs where sha256 = any($1) order by sha256 for update", [
      noted,
    ]);
    const gone = await tx.query<{ sha256: string }>(`delete from blobs b where b.sha256 = any($1) and ${IS_NOBODYS} returning b.sha256`, [
      locked.map(({ sha256 }) => sha256),
    ]);
    await tx.query(
      "update erased_files set fate = case when sha256 = any($3) then 'forgotten' else 'kept' end where exit_id = $1 and sha256 = any($2)",
      [exitId, noted, gone.map(({ sha256 }) => sha256)],
    );
    return noted.length === BATCH;
  }

  /** Files of forgotten blobs, but not of those that somebody has brought again since. @returns whether there may be more */
  async remove(tx: Tx, exitId: string): Promise<boolean> {
    const rows = await tx.query<{ sha256: string }>(
      `select sha256 from erased_files where exit_id = $1 and fate = 'forgotten' order by sha256 limit ${BATCH}`,
      [exitId],
    );
    const digests = rows.map(({ sha256 }) => sha256);
    for (const sha256 of digests) await tx.query("select pg_advisory_xact_lock(blob_lock($1))", [sha256]);
    const back = await tx.query<{ sha256: string }>("select sha256 from blobs where sha256 = any($1)", [digests]);
    const came = new Set(back.map(({ sha256 }) => sha256));
    for (const sha256 of digests.filter((digest) => !came.has(digest))) {
      await this.store.remove(sha256);
      await rm(join(this.config.dataDir, "node-cache", "sha256", sha256.slice(0, 2), sha256), { force: true });
    }
    await tx.query(
      "update erased_files set fate = case when sha256 = any($3) then 'kept' else 'removed' end where exit_id = $1 and sha256 = any($2)",
      [exitId, digests, [...came]],
    );
    return digests.length === BATCH;
  }

  private async removeFolder(kind: "runs" | "checkpoints", name: string): Promise<void> {
    if (!/^[a-z0-9-]{1,60}$/.test(name)) throw new Error(`not a name of a folder: ${name}`);
    await rm(join(this.config.dataDir, kind, name), { recursive: true, force: true });
  }
}
