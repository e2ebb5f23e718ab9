import { Injectable } from "@nestjs/common";
import type { Tier, VersionState } from "@ziggurat/contracts";
import { PULLABLE_STATES } from "@ziggurat/pyramid";
import { PLATFORM_ID, PLATFORM_SLUG } from "../../platform/database/ids.js";
import type { Tx } from "../../platform/database/unit-of-work.js";

export interface SharedFile {
  readonly sha256: string;
  readonly id: string;
  readonly tier: Tier;
  readonly state: VersionState;
  readonly owner: string;
  readonly sizeBytes: number;
}

/** A claim younger than this is not written again. Far below the shortest grace. */
export const CLAIMED_SECONDS = 300;

/** Who brought which bytes. A digest alone opens nothing: an institution reads what it brought, and what was released to it. */
@Injectable()
export class BlobsRepository {
  /** Sizes, by digest, of those blobs the viewer's institution brought itself. */
  async granted(tx: Tx, digests: readonly string[]): Promise<Map<string, number>> {
    const rows = await tx.query<{ sha256: string; size_bytes: string }>(
      `select g.sha256, b.size_bytes from blob_grants g join blobs b using (sha256)
       where g.institution_id = $1 and g.sha256 = any($2)`,
      [tx.viewer.institutionId, digests],
    );
    return new Map(rows.map((row) => [row.sha256, Number(row.size_bytes)]));
  }

  /**
   * As {@link granted}, and keeps these bytes from being collected for another while: uses of them are about to be written. Whoever removes
   * them at this moment is waited for, and what is gone then is not answered.
   */
  async claim(tx: Tx, digests: readonly string[]): Promise<Map<string, number>> {
    const rows = await tx.query<{ sha256: string; size_bytes: string }>(
      `with claimed as (update blob_grants set claimed_at = now()
         where institution_id = $1 and sha256 = any($2) and claimed_at < now() - interval '${CLAIMED_SECONDS} seconds' returning sha256)
       select g.sha256, b.size_bytes from blob_grants g join blobs b using (sha256) where g.institution_id = $1 and g.sha256 = any($2)
         and (g.claimed_at >= now() - interval '${CLAIMED_SECONDS} seconds' or g.sha256 in (select sha256 from claimed))`,
      [tx.viewer.institutionId, digests],
    );
    return new Map(rows.map((row) => [row.sha256, Number(row.size_bytes)]));
  }

  /** One at a time per digest until this transaction ends: whoever makes a file a blob, and whoever removes one. */
  async lock(tx: Tx, sha256: string): Promise<void> {
    await tx.query("select pg_advisory_xact_lock(blob_lock($1))", [sha256]);
  }

  /** The same for an unfinished upload: whoever goes on with it, and whoever gives it up. */
  async lockUpload(tx: Tx, owner: string, upload: string): Promise<void> {
    await tx.query("select pg_advisory_xact_lock(blob_lock($1))", [`${owner}/${upload}`]);
  }

  /** Files of shared versions among these, with the versions they lie in, as far as the versions' states open them. */
  async shared(tx: Tx, digests: readonly string[]): Promise<SharedFile[]> {
    const rows = await tx.query<Omit<SharedFile, "sizeBytes"> & { size_bytes: string }>(
      `select distinct on (f.sha256, v.id) f.sha256, v.id, v.tier, v.state, $2 as owner, f.size_bytes
       from version_files f join versions v on v.id = f.version_id join models m on m.id = v.model_id
       where f.sha256 = any($1) and v.institution_id = $3 and v.state = any($4)
         and (m.is_open or (select app_reach() <> 'tenant') or app_entitlement(v.model_id, v.id) -> 'rights' ?| array['derive', 'serve']) order by f.sha256, v.id desc limit 1000`,
      [digests, PLATFORM_SLUG, PLATFORM_ID, PULLABLE_STATES],
    );
    return rows.map(({ sha256, id, tier, state, owner, size_bytes }) => ({
      sha256,
      id,
      tier,
      state,
      owner,
      sizeBytes: Number(size_bytes),
    }));
  }

  /** Whether a quarantined version of the viewer's institution holds this file, whose bytes may then not be what was sealed. */
  async isDoubted(tx: Tx, sha256: string): Promise<boolean> {
    const rows = await tx.query(
      `select 1 from version_files f join versions v on v.id = f.version_id
       where f.sha256 = $1 and v.institution_id = $2 and v.state = 'quarantined' limit 1`,
      [sha256, tx.viewer.institutionId],
    );
    return rows.length > 0;
  }

  async grant(tx: Tx, institutionId: string, sha256: string, sizeBytes: number): Promise<void> {
    await tx.query("insert into blobs (sha256, size_bytes) values ($1, $2) on conflict do nothing", [sha256, sizeBytes]);
    await tx.query(
      "insert into blob_grants (institution_id, sha256) values ($1, $2) on conflict (institution_id, sha256) do update set claimed_at = now()",
      [institutionId, sha256],
    );
  }
}
